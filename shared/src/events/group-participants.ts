import { z } from 'zod'
import { event } from './event.ts'
import { exampleNotice, exampleParticipants, groupNotice, participants } from './group-notice.ts'

export const groupParticipants = event({
  name: 'group.participants',
  sentence: 'Members of a group became admins, or are no admins any more.',
  data: z.object({ ...groupNotice, participants, action: z.enum(['promoted', 'demoted']) }),
  example: { ...exampleNotice, participants: exampleParticipants, action: 'promoted' },
})
