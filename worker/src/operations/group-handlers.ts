import type { PersonResult } from '@wsg/shared/operations/groups.ts'
import { OperationRefused } from '../whatsapp/client-errors.ts'
import { clientOf, type Handler, type SessionAccess } from './handler.ts'

/** What comes to groups by number is looked up first: the page adds whom the server has told. */
export const groupHandlers = {
  'group.create': async (session, { subject, participants }, deadline) => {
    const people = await lookUp(session, participants, deadline)
    const made = await clientOf(session).perform(
      'group.create',
      { subject, participants: [...people.keys()] },
      deadline,
    )
    return { groupId: made.groupId, results: inOrder(participants, people, made.results) }
  },

  'group.participants': async (session, { add = [], ...others }, deadline) => {
    const client = clientOf(session)
    // Where it is about a group of others nobody is looked up.
    if (add.length > 0) await client.perform('group.get', { groupId: others.groupId }, deadline)
    const people = await lookUp(session, add, deadline)
    const done = await client.perform('group.participants', { ...others, add: [...people.keys()] }, deadline)
    const added = inOrder(add, people, done.results.slice(0, people.size))
    return { groupId: done.groupId, results: [...added, ...done.results.slice(people.size)] }
  },

  'group.send-invitation': async (session, input, deadline) => {
    const { person } = input
    const [chatId] = (await lookUp(session, [person], deadline)).keys()
    if (chatId === undefined) throw new OperationRefused('recipient_not_on_whatsapp')
    const sent = await clientOf(session).perform(
      'group.send-invitation',
      { ...input, person: chatId },
      deadline,
    )
    return { ...sent, person }
  },
} satisfies { [N in 'group.create' | 'group.participants' | 'group.send-invitation']: Handler<N> }

/** @returns how somebody was named by the chat id that it turned out to be; without those who are not on WhatsApp */
async function lookUp(
  session: SessionAccess,
  people: readonly string[],
  deadline: number,
): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const person of new Set(people)) {
    const chat = person.includes('@')
      ? { chatId: person }
      : await session.numbers.check(clientOf(session), person, deadline)
    if (chat !== null) found.set(chat.chatId, person)
  }
  return found
}

/** The results of the page under the names that the caller has for people, with those who are not on WhatsApp. */
function inOrder(
  asked: readonly string[],
  people: ReadonlyMap<string, string>,
  results: readonly PersonResult[],
): PersonResult[] {
  const named = new Map(results.map((result) => [people.get(result.person), result]))
  return [...new Set(asked)].map((person) => ({
    ...(named.get(person) ?? { done: false, code: 404 }),
    person,
  }))
}
