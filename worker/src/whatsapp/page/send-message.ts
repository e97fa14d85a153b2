import type { LibraryMessage } from '../to-library/library-message.ts'
import type { HandOver, Msg, PageGlobals } from './page-globals.ts'

export interface PageMessage extends Pick<LibraryMessage, 'body' | 'options'> {
  messageId: string
  chatId: string
  replyTo?: string
  deadline: number
  /** It has a file, which was brought into the page before. */
  hasMedia?: true
}

/** The codes of the catalogue with which the page refuses a message. */
export type NotSentCode =
  | 'send_failed'
  | 'quoted_message_not_found'
  | 'recipient_not_on_whatsapp'
  | 'recipient_blocked'
  | 'not_available_in_this_page'
  | 'media_not_found'

/** All but `handed_over`: certainly not sent. How it ends after that is told by events. */
export type PageSendOutcome =
  | { outcome: 'handed_over'; messageId: string; lid?: string }
  | { outcome: 'late' | 'not_reached' }
  | { outcome: 'refused'; code: NotSentCode; detail: string }

/**
 * Runs in the page: hands one message to WhatsApp through whatsapp-web.js' own function, under the id chosen for it. What
 * WhatsApp Web has not taken over by the deadline is `late`, whatever it waits for, and is not taken over any more.
 */
export async function sendMessage(given: PageMessage): Promise<PageSendOutcome> {
  const page = window as unknown as PageGlobals
  const handOver: HandOver = {
    chosenId: given.messageId,
    chatId: given.chatId,
    deadline: given.deadline,
    stage: 'waiting',
    isRefused: false,
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  let fullId = `true_${given.chatId}_${given.messageId}`

  /** A hidden identity that the page has not met is somebody's only where the server says so. */
  const isNobody = async (): Promise<boolean> => {
    const wid = page.require('WAWebWidFactory').createWid(given.chatId)
    if (!wid.isLid() || page.require('WAWebCollections').Chat.get(wid)) return false
    if (page.sessionGatewayKit.otherIdentityOf(wid)) return false
    try {
      return (await page.require('WAWebQueryExistsJob').queryWidExists(wid)) === null
    } catch {
      // Without an answer it is for WhatsApp to say.
      return false
    }
  }

  const findChat = async () => {
    const library = page.WWebJS
    if (!library) throw new Error('the page is not ready')
    if (await isNobody()) return undefined
    try {
      return await library.getChat(given.chatId, { getAsModel: false })
    } catch (error) {
      if (!String(error).includes('No LID for user')) throw error
      // The number query teaches the page the LID that making the chat needs.
      const wid = page.require('WAWebWidFactory').createWid(given.chatId)
      if (!(await page.require('WAWebQueryExistsJob').queryWidExists(wid))?.wid) return undefined
      return await library.getChat(given.chatId, { getAsModel: false })
    }
  }

  const isBlocked = (chatIds: string[]): boolean => {
    const { createWid } = page.require('WAWebWidFactory')
    const { Blocklist } = page.require('WAWebCollections')
    return chatIds.some((chatId) => Blocklist?.get(createWid(chatId)))
  }

  /** The same person may be known by number and by LID: messages may be kept under either. */
  const idsOf = (chatId: string): string[] => {
    const other = page.sessionGatewayKit.otherIdentityOf(page.require('WAWebWidFactory').createWid(chatId))
    return other && other._serialized !== chatId ? [chatId, other._serialized] : [chatId]
  }

  const findQuoted = async (asked: string, chatIds: string[]): Promise<string | undefined> => {
    const { Msg: messages } = page.require('WAWebCollections')
    const part = asked.includes('_') ? (asked.split('_')[2] ?? '') : asked
    const inMemory = messages
      .getModelsArray()
      .filter((message) => message.id.id === part && chatIds.includes(message.id.remote._serialized))[0]
    if (inMemory) return inMemory.id.toString()
    const keys = chatIds.flatMap((chatId) => [`true_${chatId}_${part}`, `false_${chatId}_${part}`])
    const stored = await messages.getMessagesById([
      ...new Set([...(asked.includes('_') ? [asked] : []), ...keys]),
    ])
    return stored?.messages[0]?.id.toString()
  }

  const linkPreview = (): Record<string, unknown> => {
    const { linkPreviews } = page.sessionGatewayKit
    const preview = linkPreviews.get(given.messageId)
    linkPreviews.delete(given.messageId)
    return preview ? { ...preview, preview: true, subtype: 'url' } : {}
  }

  const handedOver = async (): Promise<PageSendOutcome> => {
    const { preparedMedia } = page.sessionGatewayKit
    const media = preparedMedia.get(given.messageId)
    const { caption, isViewOnce } = given.options
    // It went with the document that it was brought into.
    if (given.hasMedia && !media) return { outcome: 'not_reached' }
    page.sessionGatewayKit.guardHandOver()
    const chat = await findChat()
    if (!chat)
      return { outcome: 'refused', code: 'recipient_not_on_whatsapp', detail: 'there is no such chat' }
    fullId = `true_${chat.id._serialized}_${given.messageId}`
    const chatIds = [...new Set([chat.id._serialized, ...idsOf(given.chatId)])]
    if (isBlocked(chatIds))
      return {
        outcome: 'refused',
        code: 'recipient_blocked',
        detail: 'the account has blocked this recipient',
      }
    const quoted = given.replyTo === undefined ? undefined : await findQuoted(given.replyTo, chatIds)
    if (given.replyTo !== undefined && quoted === undefined)
      return {
        outcome: 'refused',
        code: 'quoted_message_not_found',
        detail: 'the quoted message is not in this chat',
      }
    await page.WWebJS?.sendMessage(chat, media ? media.body : given.body, {
      // As the library adds what it fetches itself, without a limit, where it is asked for `linkPreview`.
      ...linkPreview(),
      ...given.options,
      quotedMessageId: quoted,
      ignoreQuoteErrors: false,
      extraOptions: { ...(media && { ...media.fields, caption, isViewOnce }), sessionGateway: handOver },
    })
    const stored: Msg | undefined = await handOver.stored
    const lid = chatIds.find((id) => id.endsWith('@lid'))
    return { outcome: 'handed_over', messageId: stored?.id?.toString() ?? fullId, ...(lid && { lid }) }
  }

  /** Resolves at the deadline, unless WhatsApp Web has the message by then. */
  const late = new Promise<PageSendOutcome>((resolve) => {
    const giveUp = () => {
      if (handOver.stage !== 'waiting') return
      handOver.stage = 'late'
      resolve({ outcome: 'late' })
    }
    timer = setTimeout(giveUp, given.deadline - Date.now())
  })

  try {
    return await Promise.race([handedOver(), late])
  } catch (error) {
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    if (handOver.stage === 'late') return { outcome: 'late' }
    if (handOver.stage === 'offline') return { outcome: 'not_reached' }
    // What became of it is told as of any other (`follow-send.ts`).
    if (handOver.stage === 'handed_over') return { outcome: 'handed_over', messageId: fullId }
    return { outcome: 'refused', code: 'send_failed', detail }
  } finally {
    clearTimeout(timer)
    if (handOver.stage === 'handed_over') page.sessionGatewayKit.preparedMedia.delete(given.messageId)
  }
}
