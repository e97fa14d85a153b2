import type { OperationInput, OperationName, OperationOutput } from '@wsg/shared/operations/operations.ts'
import { messageData } from '../inbox/from-page/message.ts'
import { OperationRefused } from '../whatsapp/client-errors.ts'
import type { LongSearch, MessagePage, PageOutput } from '../whatsapp/page/operations/page-operation.ts'
import {
  type PageOperationName,
  pageOperations,
  subjectOf,
} from '../whatsapp/page/operations/page-operations.ts'
import { groupHandlers } from './group-handlers.ts'
import { clientOf, type Handler, type SessionAccess } from './handler.ts'
import { sessionHandlers } from './session-handlers.ts'

const pageHandlers = Object.fromEntries(
  Object.keys(pageOperations).map((name) => [
    name,
    inPage(name as PageOperationName, (output) => output as never),
  ]),
) as { [N in PageOperationName]: Handler<N> }

/** One handler per operation: an operation that has none does not compile. */
export const handlers: { [N in OperationName]: Handler<N> } = {
  ...pageHandlers,
  ...sessionHandlers,
  ...groupHandlers,

  'chat.history': inPage('chat.history', messagePage),

  'message.search': inPage('message.search', messagePage),

  'channel.messages': inPage('channel.messages', messagePage),

  'chat.pinned-messages': inPage('chat.pinned-messages', ({ messages }) => ({
    items: messages.map(messageData),
  })),

  'message.media': (session, { id }, deadline) => clientOf(session).fetchMedia(id, deadline),

  'lid.get': async (session, input, deadline) => {
    const person = await pageHandlers['lid.get'](session, input, deadline)
    if (person.lid !== undefined || person.phone === undefined) return person
    // The page learns a hidden identity with what the server says of the number.
    const chat = await session.numbers.check(clientOf(session), person.phone, deadline)
    return { ...person, ...(chat?.lid !== undefined && { lid: chat.lid }) }
  },

  'number.check': async (session, { phone }, deadline) => {
    const chat = await session.numbers.check(clientOf(session), phone, deadline)
    return { phone, exists: chat !== null, ...chat }
  },

  'message.edit': async (session, input, deadline) => {
    const chatIdOf = async (person: string) => {
      if (person.includes('@')) return person
      const chat = await session.numbers.check(clientOf(session), person, deadline)
      if (chat === null)
        throw new OperationRefused('mention_not_on_whatsapp', `${person} is not on WhatsApp.`)
      return chat.chatId
    }
    const mentions = await Promise.all(input.mentions.map(chatIdOf))
    return await clientOf(session).perform('message.edit', { ...input, mentions }, deadline)
  },
}

function messagePage({ messages, nextCursor }: MessagePage) {
  return { items: messages.map(messageData), nextCursor }
}

/** What the page says in the end. */
type Answer<N extends PageOperationName> = Exclude<PageOutput<N>, LongSearch>

/**
 * What the page carries out by itself. A chat or person that was named by a number and is not there is looked for once more under
 * what the server says to that number: it may be spelled otherwise, or have a LID that the page has not learned.
 * @param read makes the answer of what the page says
 */
function inPage<N extends PageOperationName>(
  name: N,
  read: (said: Answer<N>) => OperationOutput<N>,
): Handler<N> {
  return async (session, input, deadline) => {
    const client = clientOf(session)
    const perform = async (given: OperationInput<N>) => read(await askPage(session, name, given, deadline))
    try {
      return await perform(input)
    } catch (error) {
      const subject = subjectOf(name)
      if (!subject || !('mayBeNumber' in subject) || !(error instanceof OperationRefused)) throw error
      const { field, absent } = subject
      const named = (input as Record<string, unknown>)[field] as string
      if (error.code !== absent || named.includes('@')) throw error
      const chat = await session.numbers.check(client, named, deadline)
      if (chat === null) throw error
      return await perform({ ...(input as object), [field]: chat.chatId } as OperationInput<N>)
    }
  }
}

/**
 * Asks the page, where it only reads as soon as it is its turn, and again for each further part of a long search. Where a part is
 * refused, such as for its turn that would come too late, what was found until then is the answer.
 */
async function askPage<N extends PageOperationName>(
  session: SessionAccess,
  name: N,
  input: OperationInput<N>,
  deadline: number,
): Promise<Answer<N>> {
  const client = clientOf(session)
  let found: MessagePage | null = null
  for (;;) {
    try {
      const said = await session.reads.run(name, deadline, () => client.perform(name, input, deadline))
      if (!('foundSoFar' in said)) return said as Answer<N>
      found = said.foundSoFar
    } catch (error) {
      if (found === null || !(error instanceof OperationRefused)) throw error
      return found as Answer<N>
    }
  }
}
