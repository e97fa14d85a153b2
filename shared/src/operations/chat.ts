import { z } from 'zod'

/** A chat as it is told to callers. */
export const chatSchema = z.object({
  id: z.string().describe('As WhatsApp has it.'),
  phone: z.string().optional().describe("Digits of the person's number, where it is known."),
  lid: z.string().optional().describe("The person's hidden identity, where it is known."),
  name: z.string(),
  isGroup: z.boolean(),
  unreadCount: z.number().int(),
  markedUnread: z.boolean().describe('Somebody marked it as unread by hand.'),
  archived: z.boolean(),
  pinned: z.boolean(),
  muted: z.boolean(),
  mutedUntil: z.iso.datetime().optional().describe('Absent where it is muted for good.'),
  lastMessageAt: z.iso.datetime().nullable(),
})

export const exampleChat: z.infer<typeof chatSchema> = {
  id: '5511999887766@c.us',
  phone: '5511999887766',
  lid: '163971247583412@lid',
  name: 'Maria',
  isGroup: false,
  unreadCount: 0,
  markedUnread: false,
  archived: false,
  pinned: false,
  muted: false,
  lastMessageAt: '2026-11-29T08:30:00.000Z',
}
