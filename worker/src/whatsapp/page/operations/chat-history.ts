import type { OperationInput } from '@wsg/shared/operations/operations.ts'
import type { PageMessageModel } from '../describe-message.ts'
import type { Chat, PageGlobals, PageModules } from '../page-globals.ts'
import type { PageAnswer, PageOperations, PageOutput } from './page-operation.ts'

interface HistoryModules extends PageModules {
  WAWebPinInChatSchema: {
    getTable(): {
      equals(columns: ['chatId'], id: string): Promise<{ pinType: number; parentMsgKey: string }[]>
    }
  }
  WAWebChatLoadMessages: {
    loadEarlierMsgs(what: { chat: Pick<Chat, 'msgs'> }): Promise<PageMessageModel[] | undefined>
  }
}

export const chatHistory = {
  'chat.history': {
    on: 'chat',
    needs: ['WAWebChatLoadMessages.loadEarlierMsgs'],
    run: (input, { chat, kit, deadline }) => kit.historyOf(chat, input, deadline),
  },

  'chat.pinned-messages': {
    on: 'chat',
    needs: ['WAWebPinInChatSchema.getTable', 'WAWebCollections.Msg.getMessagesById'],
    run: async (_input, { chat, page, kit }) => {
      const pins = 1
      const table = page.require('WAWebPinInChatSchema').getTable()
      const rows = await table.equals(['chatId'], chat.id.toString())
      const keys = rows.filter(({ pinType }) => pinType === pins).map(({ parentMsgKey }) => parentMsgKey)
      const found = await page.require('WAWebCollections').Msg.getMessagesById(keys)
      const messages = (found?.messages ?? []) as unknown as PageMessageModel[]
      return { output: { messages: messages.map((msg) => kit.describeMessage(msg)) } }
    },
  },
} satisfies PageOperations<HistoryModules>

/** Runs in the page: one page of the messages of a chat or a channel, the newest first. Older ones are loaded as they are needed. */
export async function historyOf(
  chat: Pick<Chat, 'msgs'>,
  { limit, cursor, before, fromMe }: Omit<OperationInput<'chat.history'>, 'chatId'>,
  deadline: number,
): Promise<PageAnswer<PageOutput<'chat.history'>>> {
  const page = window as unknown as PageGlobals<HistoryModules>
  const kit = page.sessionGatewayKit
  const [callMs, answerMs, turnMs] = [1_000, 2_000, 7_000]
  const beforeMs = before === undefined ? Number.POSITIVE_INFINITY : Date.parse(before)
  const [, lastT, lastKey] = /^(\d+)_(.*)$/.exec(cursor ?? '') ?? []
  const lastAt = lastT === undefined ? Number.POSITIVE_INFINITY : Number(lastT)
  const keyOf = (msg: PageMessageModel) => msg.id.toString()
  const inMemory = () => chat.msgs.getModelsArray() as unknown as PageMessageModel[]
  const isMeant = (msg: PageMessageModel) =>
    !kit.notWritten.includes(msg.type) &&
    msg.t * 1_000 < beforeMs &&
    (fromMe === undefined || msg.id.fromMe === fromMe)
  // Counted and not sorted: a place far back is reached in hundreds of steps.
  const countOf = (some: PageMessageModel[]) => some.filter((msg) => msg.t < lastAt && isMeant(msg)).length
  let found = countOf(inMemory())
  let isAll = false
  const until = Math.min(Date.now() + callMs, deadline - answerMs)
  while (found <= limit && !isAll && Date.now() < until) {
    const earlier = (await page.require('WAWebChatLoadMessages').loadEarlierMsgs({ chat })) ?? []
    isAll = earlier.length === 0
    found += countOf(earlier)
  }
  /** The newest first, and in the page's order within one second. */
  const inOrder = inMemory()
    .filter((msg) => msg.t <= lastAt)
    .sort((one, other) => one.t - other.t)
    .reverse()
  const place = lastKey === undefined ? -1 : inOrder.findIndex((msg) => keyOf(msg) === lastKey)
  // Where the last one of the page before is gone, its second tells the place.
  const isBehind = (msg: PageMessageModel, index: number) => (place >= 0 ? index > place : msg.t < lastAt)
  const messages = inOrder.filter((msg, index) => isBehind(msg, index) && isMeant(msg))
  const items = messages.slice(0, limit)
  const last = items.at(-1)
  const isEnd = isAll && messages.length <= limit
  const nextCursor = last && !isEnd ? `${last.t}_${keyOf(last)}` : null
  const output = { messages: items.map((msg) => kit.describeMessage(msg)), nextCursor }
  if (isAll || messages.length > limit) return { output }
  // What is loaded stays in memory: a search that takes long is many short calls, each of which waits for its turn.
  if (Date.now() < deadline - turnMs) return { output: { foundSoFar: last ? output : null } }
  return last ? { output } : { refused: 'worker_timeout' }
}
