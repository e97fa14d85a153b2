import { z } from 'zod'
import { exampleMember, memberSchema } from './person.ts'

/** What every notice in a group says. */
export const groupNotice = {
  chatId: z.string().describe('The group.'),
  by: memberSchema.optional().describe('Who did it, where WhatsApp tells it.'),
  timestamp: z.iso.datetime().describe('When WhatsApp says that it happened.'),
}

export const participants = z.array(memberSchema).describe('Whom it is about.')

export const exampleNotice = {
  chatId: '120363041234567890@g.us',
  by: { id: '263971247583412@lid', phone: '5511988776655', lid: '263971247583412@lid' },
  timestamp: '2026-11-29T08:30:00.000Z',
}

export const exampleParticipants = [exampleMember]
