import type { LibraryMessage } from '../../to-library/library-message.ts'
import type { HandOver, PageGlobals } from '../page-globals.ts'

export interface PageMessage
  extends Pick<LibraryMessage, 'body' | 'options' | 'cards' | 'callLink' | 'forwardOf'> {
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
  | 'chat_not_found'
  | 'not_in_group'
  | 'group_admins_only'
  | 'not_channel_admin'
  | 'not_available_in_this_page'
  | 'media_not_found'
  | 'message_not_found'
  | 'message_revoked'
  | 'message_not_allowed'

/** All but `handed_over`: certainly not sent. How it ends after that is told by events. */
export type PageSendOutcome =
  | { outcome: 'handed_over'; messageId: string; lid?: string }
  | { outcome: 'late' | 'not_reached' }
  | { outcome: 'refused'; code: NotSentCode; detail: string }

/**
 * Runs in the page: hands one message to WhatsApp, under the id chosen for it. What WhatsApp Web has not taken over by the
 * deadline is `late`, whatever it waits for, and is not taken over any more.
 */
export async function sendMessage(given: PageMessage): Promise<PageSendOutcome> {
  const kit = (window as unknown as PageGlobals).sessionGatewayKit
  const handOver: HandOver = {
    chosenId: given.messageId,
    chatId: given.chatId,
    fullId: `true_${given.chatId}_${given.messageId}`,
    deadline: given.deadline,
    stage: 'waiting',
    isRefused: false,
  }
  const [, server] = given.chatId.split('@')
  const posts = { newsletter: kit.sendToChannel, broadcast: kit.postStatus }
  const hand = posts[server as keyof typeof posts] ?? kit.sendToChat
  let timer: ReturnType<typeof setTimeout> | undefined

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
    // It went with the document that it was brought into.
    if (given.hasMedia && !kit.preparedMedia.has(given.messageId)) return { outcome: 'not_reached' }
    return await Promise.race([hand(given, handOver), late])
  } catch (error) {
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    if (handOver.stage === 'late') return { outcome: 'late' }
    if (handOver.stage === 'offline') return { outcome: 'not_reached' }
    // What became of it is told as of any other (`follow-send.ts`).
    if (handOver.stage === 'handed_over') return { outcome: 'handed_over', messageId: handOver.fullId }
    return { outcome: 'refused', code: 'send_failed', detail }
  } finally {
    clearTimeout(timer)
    if (handOver.stage === 'handed_over') kit.preparedMedia.delete(given.messageId)
  }
}
