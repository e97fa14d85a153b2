import type { PageMessageFacts, PageMessageModel } from '../describe-message.ts'
import type { MsgKey, PageGlobals, PageModules, Wid } from '../page-globals.ts'
import type { PageOperations } from './page-operation.ts'

interface Reached {
  id: Wid
  /** Unix time in seconds. */
  t: number
}

interface FactModules extends PageModules {
  WAWebApiMessageInfoStore: {
    queryMsgInfo(key: MsgKey): Promise<{
      delivery: Reached[]
      read: Reached[]
      played: Reached[]
      deliveryRemaining: number
      readRemaining: number
      playedRemaining: number
    }>
  }
  WAWebCollections: PageModules['WAWebCollections'] & {
    Msg: {
      search(
        query: string,
        page: number,
        count: number,
        chatId?: string,
      ): Promise<{ messages: PageMessageModel[]; eof?: boolean }>
    }
  }
}

/** What is told of messages. */
export const messageFacts = {
  'message.receipts': {
    on: 'message',
    needs: ['WAWebApiMessageInfoStore.queryMsgInfo'],
    run: async (_input, { message, page, kit }) => {
      const writtenWithinMs = 1_250
      if (!message.id.fromMe) return { refused: 'message_not_own' }
      // WhatsApp Web gathers receipts for a second before it writes them.
      const ageMs = Date.now() - message.t * 1_000
      if (ageMs < writtenWithinMs) await new Promise((resolve) => setTimeout(resolve, writtenWithinMs))
      const info = await page.require('WAWebApiMessageInfoStore').queryMsgInfo(message.id)
      const at = (list: Reached[], id: string) => {
        const t = list.find((one) => one.id._serialized === id)?.t
        return t ? new Date(t * 1_000).toISOString() : null
      }
      const people = new Map(
        [...info.delivery, ...info.read, ...info.played].map(({ id }) => [id._serialized, id]),
      )
      const items = [...people].map(([id, wid]) => ({
        ...kit.identitiesOf(wid),
        deliveredAt: at(info.delivery, id),
        readAt: at(info.read, id),
        playedAt: at(info.played, id),
      }))
      const remaining = {
        delivered: info.deliveryRemaining,
        read: info.readRemaining,
        played: info.playedRemaining,
      }
      return { output: { ...kit.nameMessage(message), items, remaining } }
    },
  },

  'message.reactions': {
    on: 'message',
    needs: ['WAWebCollections.Reactions.find'],
    run: async (_input, { message, page, kit }) => {
      const { createWid } = page.require('WAWebWidFactory')
      const found = message.hasReaction
        ? await page.require('WAWebCollections').Reactions.find(message.id.toString())
        : undefined
      const items = (found?.reactions.serialize() ?? []).flatMap(({ aggregateEmoji: emoji, senders }) =>
        senders.map(({ senderUserJid, timestamp }) => {
          const from = createWid(senderUserJid)
          return {
            emoji,
            from: kit.identitiesOf(from),
            fromMe: kit.isMe(from),
            timestamp: new Date(timestamp).toISOString(),
          }
        }),
      )
      return { output: { ...kit.nameMessage(message), items } }
    },
  },

  'message.votes': {
    on: 'message',
    needs: ['WAWebPollsVotesSchema.getTable'],
    run: async (_input, { message, page, kit }) => {
      if (message.type === 'revoked') return { refused: 'message_revoked' }
      if (message.type !== 'poll_creation') return { refused: 'not_a_poll' }
      const { pollOptions = [], pollName = '' } = message
      const { createWid } = page.require('WAWebWidFactory')
      const table = page.require('WAWebPollsVotesSchema').getTable()
      const votes = await table.equals(['parentMsgKey'], message.id.toString())
      const items = votes.flatMap(({ sender, selectedOptionLocalIds, senderTimestampMs }) => {
        const chosen = new Set(Array.from(selectedOptionLocalIds))
        const from = createWid(sender)
        const vote = {
          from: kit.identitiesOf(from),
          fromMe: kit.isMe(from),
          options: pollOptions.filter(({ localId }) => chosen.has(localId)).map(({ name }) => name),
          timestamp: new Date(senderTimestampMs).toISOString(),
        }
        // A vote that was taken back stays as one for nothing.
        return vote.options.length > 0 ? [vote] : []
      })
      const options = pollOptions.map(({ name }) => ({
        name,
        votes: items.filter((vote) => vote.options.includes(name)).length,
      }))
      return { output: { ...kit.nameMessage(message), question: pollName, options, items } }
    },
  },

  'message.search': {
    needs: [
      'WAWebCollections.Msg.search',
      'WAWebCollections.Chat.get',
      'WAWebWidFactory.createWid',
      'WAWebApiContact.getCurrentLid',
      'WAWebApiContact.getPhoneNumber',
    ],
    run: async ({ q, chat: chatId, limit, cursor }, { page, kit }) => {
      const chat = chatId === undefined ? undefined : kit.findChat(chatId)
      if (chatId !== undefined && !chat) return { refused: 'chat_not_found' }
      // The pages are WhatsApp's own, so that a cursor has their size as well.
      const [number = 1, size = limit] = cursor?.split('_').map(Number) ?? []
      const { Msg } = page.require('WAWebCollections')
      const found = await Msg.search(q, number, size, chat?.id._serialized)
      const isEnd = found.eof ?? found.messages.length < size
      const messages: PageMessageFacts[] = found.messages
        .filter(({ type }) => !kit.notWritten.includes(type))
        .map((message) => kit.describeMessage(message))
      return { output: { messages, nextCursor: isEnd ? null : `${number + 1}_${size}` } }
    },
  },
} satisfies PageOperations<FactModules>

/** Runs in the page: a person by number and hidden identity, as far as the page knows them. */
export function identitiesOf(wid: Wid): { phone?: string; lid?: string } {
  const other = (window as unknown as PageGlobals).sessionGatewayKit.otherIdentityOf(wid)
  const [phone, lid] = wid.isLid() ? [other, wid] : [wid, other]
  return { ...(phone && { phone: phone.user }), ...(lid && { lid: lid._serialized }) }
}
