import { z } from 'zod'
import { event } from './event.ts'
import { exampleNotice, exampleParticipants, groupNotice, participants } from './group-notice.ts'

export const groupLeave = event({
  name: 'group.leave',
  sentence: 'Somebody left a group, or was removed from it.',
  data: z.object({ ...groupNotice, participants, how: z.enum(['left', 'removed']) }),
  example: { ...exampleNotice, participants: exampleParticipants, how: 'removed' },
})
