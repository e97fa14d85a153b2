import { z } from 'zod'
import { event } from './event.ts'
import { exampleNotice, exampleParticipants, groupNotice, participants } from './group-notice.ts'

export const groupRequest = event({
  name: 'group.request',
  sentence: 'Somebody asked to be let into a group, or took that back. Only admins of the group are told.',
  data: z.object({ ...groupNotice, participants, action: z.enum(['asked', 'withdrawn']) }),
  example: { ...exampleNotice, participants: exampleParticipants, action: 'asked' },
})
