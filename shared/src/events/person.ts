import { z } from 'zod'

/** A person as events name one: whatever of it is known. */
export const personSchema = z.object({
  phone: z.string().optional().describe('Digits of the number, where WhatsApp tells it.'),
  lid: z.string().optional().describe('The hidden identity, where WhatsApp tells it.'),
  pushName: z.string().optional().describe('The name that the person chose.'),
})
export type Person = z.infer<typeof personSchema>

/** Somebody in a chat. */
export const memberSchema = personSchema.omit({ pushName: true }).extend({
  id: z.string().describe('Chat id, as WhatsApp has it.'),
})
export type Member = z.infer<typeof memberSchema>

/** A chat, with both identities of its person. */
export const chatFields = {
  chatId: z.string().describe('As WhatsApp has it.'),
  phone: z.string().optional().describe("Digits of the chat's person, where they are known."),
  lid: z.string().optional().describe("The hidden identity of the chat's person, where it is known."),
}

export const exampleMember: Member = {
  id: '163971247583412@lid',
  phone: '5511999887766',
  lid: '163971247583412@lid',
}
