import { z } from 'zod'
import { event } from './event.ts'
import { exampleNotice, exampleParticipants, groupNotice, participants } from './group-notice.ts'

export const groupJoin = event({
  name: 'group.join',
  sentence: 'Somebody came into a group.',
  data: z.object({
    ...groupNotice,
    participants,
    how: z.enum(['added', 'invited']).describe('By a member, or by an invitation, a link or a community.'),
  }),
  example: { ...exampleNotice, participants: exampleParticipants, how: 'added' },
})
