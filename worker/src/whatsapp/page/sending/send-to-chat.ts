import type { LibraryCard } from '../../to-library/library-message.ts'
import type { Chat, HandOver, Msg, PageGlobals } from '../page-globals.ts'
import type { NotSentCode, PageMessage, PageSendOutcome } from './send-message.ts'

/** Runs in the page: hands a message to a person or a group over, through whatsapp-web.js' own function. */
export async function sendToChat(given: PageMessage, handOver: HandOver): Promise<PageSendOutcome> {
  const page = window as unknown as PageGlobals
  const kit = page.sessionGatewayKit
  const { createWid } = page.require('WAWebWidFactory')
  const asked = createWid(given.chatId)

  const refused = (code: NotSentCode, detail: string): PageSendOutcome => ({
    outcome: 'refused',
    code,
    detail,
  })

  /** A hidden identity that the page has not met is somebody's only where the server says so. */
  const isNobody = async (): Promise<boolean> => {
    if (!asked.isLid() || page.require('WAWebCollections').Chat.get(asked)) return false
    if (kit.otherIdentityOf(asked)) return false
    try {
      return (await page.require('WAWebQueryExistsJob').queryWidExists(asked)) === null
    } catch {
      // Without an answer it is for WhatsApp to say.
      return false
    }
  }

  const findChat = async (): Promise<Chat | undefined> => {
    const library = page.WWebJS
    if (!library) throw new Error('the page is not ready')
    if (await isNobody()) return undefined
    try {
      return await library.getChat(given.chatId, { getAsModel: false })
    } catch (error) {
      if (!String(error).includes('No LID for user')) throw error
      // The number query teaches the page the LID that making the chat needs.
      if (!(await page.require('WAWebQueryExistsJob').queryWidExists(asked))?.wid) return undefined
      return await library.getChat(given.chatId, { getAsModel: false })
    }
  }

  const isBlocked = (chatIds: string[]): boolean => {
    const { Blocklist } = page.require('WAWebCollections')
    return chatIds.some((chatId) => Blocklist?.get?.(createWid(chatId)))
  }

  /** The same person may be known by number and by LID: messages may be kept under either. */
  const idsOf = (chatId: string): string[] => {
    const other = kit.otherIdentityOf(createWid(chatId))
    return other && other._serialized !== chatId ? [chatId, other._serialized] : [chatId]
  }

  const findQuoted = async (chat: Chat, wanted: string, chatIds: string[]): Promise<string | undefined> => {
    const { Msg: messages } = page.require('WAWebCollections')
    const part = wanted.includes('_') ? (wanted.split('_')[2] ?? '') : wanted
    const inMemory = messages
      .getModelsArray()
      .filter((message) => message.id.id === part && chatIds.includes(message.id.remote._serialized))[0]
    if (inMemory) return inMemory.id.toString()
    // In a group the key ends with who wrote it.
    const writers = kit.membersOf(chat).map(({ id }) => `_${id._serialized}`)
    const keys = chatIds.flatMap((chatId) =>
      (writers.length === 0 ? [''] : writers).flatMap((writer) => [
        `true_${chatId}_${part}${writer}`,
        `false_${chatId}_${part}${writer}`,
      ]),
    )
    const stored = await messages.getMessagesById([
      ...new Set([...(wanted.includes('_') ? [wanted] : []), ...keys]),
    ])
    return stored?.messages[0]?.id.toString()
  }

  const linkPreview = (): Record<string, unknown> => {
    const preview = kit.linkPreviews.get(given.messageId)
    kit.linkPreviews.delete(given.messageId)
    return preview ? { ...preview, preview: true, subtype: 'url' } : {}
  }

  const cardsOf = async (cards: LibraryCard[]): Promise<{ vcard: string; displayName: string }[]> =>
    await Promise.all(
      cards.map(async (card) => {
        if (!('id' in card)) return card
        const contact = await page.require('WAWebCollections').Contact.find(card.id)
        const { vcard } = page.require('WAWebFrontendVcardUtils').vcardFromContactModel(contact)
        return { vcard, displayName: contact.formattedName ?? '' }
      }),
    )

  /** As the library puts contacts of its own into a message. */
  const contactFields = async (cards: LibraryCard[]): Promise<Record<string, unknown>> => {
    const list = await cardsOf(cards)
    const [first] = list
    return first && list.length === 1
      ? { type: 'vcard', body: first.vcard, vcardFormattedName: first.displayName }
      : { type: 'multi_vcard', body: null, vcardList: list }
  }

  const media = kit.preparedMedia.get(given.messageId)
  const { caption, isViewOnce, mentionedJidList } = given.options
  kit.guardHandOver()
  if (asked.isGroup()) {
    const code = await kit.whyNotToGroup(given.chatId)
    if (code) return refused(code, 'the page says so of this group')
  }
  const chat = await findChat()
  if (!chat) return refused('recipient_not_on_whatsapp', 'there is no such chat')
  handOver.fullId = `true_${chat.id._serialized}_${given.messageId}`
  const chatIds = [...new Set([chat.id._serialized, ...idsOf(given.chatId)])]
  if (isBlocked(chatIds)) return refused('recipient_blocked', 'the account has blocked this recipient')
  const quoted = given.replyTo === undefined ? undefined : await findQuoted(chat, given.replyTo, chatIds)
  if (given.replyTo !== undefined && quoted === undefined)
    return refused('quoted_message_not_found', 'the quoted message is not in this chat')
  const { cards, callLink } = given
  const eventJoinLink =
    callLink &&
    (await page
      .require('WAWebGenerateEventCallLink')
      .createEventCallLink(callLink.startTimeTs, callLink.type))
  if (callLink && !eventJoinLink) return refused('send_failed', 'WhatsApp made no link for the call')
  const everybody = () => kit.membersOf(chat).flatMap(({ id }) => (kit.isMe(id) ? [] : id._serialized))
  /** Resolves when the page has it. */
  const send = async (): Promise<undefined> => {
    await page.WWebJS?.sendMessage(chat, media ? media.body : given.body, {
      // As the library adds what it fetches itself, without a limit, where it is asked for `linkPreview`.
      ...linkPreview(),
      ...given.options,
      ...(mentionedJidList === 'all' && { mentionedJidList: everybody() }),
      quotedMessageId: quoted,
      ignoreQuoteErrors: false,
      extraOptions: {
        ...(media && { ...media.fields, caption, isViewOnce }),
        ...(cards && (await contactFields(cards))),
        ...(eventJoinLink && { eventJoinLink }),
        sessionGateway: handOver,
      },
    })
  }
  const { forwardOf } = given
  const whyNot = forwardOf === undefined ? await send() : await kit.forwardMessage(chat, forwardOf, handOver)
  if (whyNot) return refused(whyNot.code, whyNot.detail)
  const stored: Msg | undefined = await handOver.stored
  const lid = chatIds.find((id) => id.endsWith('@lid'))
  return {
    outcome: 'handed_over',
    messageId: stored?.id?.toString() ?? handOver.fullId,
    ...(lid && { lid }),
  }
}
