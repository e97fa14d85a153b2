import type { Chat, HandOver, Msg, PageGlobals } from '../page-globals.ts'
import type { NotSentCode } from './send-message.ts'

/**
 * Runs in the page: has WhatsApp Web forward a message to a chat, by its own function, which makes the new message itself: that is
 * known by its chat and type when it is handed over (`guard-hand-over.ts`). @returns why it was not done
 */
export async function forwardMessage(
  chat: Chat,
  id: string,
  handOver: HandOver,
): Promise<{ code: NotSentCode; detail: string } | undefined> {
  const page = window as unknown as PageGlobals
  const kit = page.sessionGatewayKit
  const loadWithinMs = 5_000

  /** WhatsApp Web loads this part of itself when it is asked for it. */
  const action = async () => {
    const there = () => {
      try {
        return page.require('WAWebChatForwardMessage')
      } catch {
        return undefined
      }
    }
    if (!there()?.forwardMessages)
      await Promise.race([
        new Promise<void>((resolve) => page.requireLazy?.(['WAWebChatForwardMessage'], () => resolve())),
        new Promise((resolve) => setTimeout(resolve, loadWithinMs)),
      ])
    return there()
  }

  const message: (Msg & { isViewOnce?: boolean }) | undefined = await kit.findAnyMessage(id)
  if (!message) return { code: 'message_not_found', detail: 'there is no message to be forwarded' }
  if (message.type === 'revoked')
    return { code: 'message_revoked', detail: 'what was deleted cannot be forwarded' }
  if (message.isViewOnce)
    return { code: 'message_not_allowed', detail: 'what is viewed once cannot be forwarded' }
  const forwardMessages = (await action())?.forwardMessages
  if (!forwardMessages) {
    const detail = 'WhatsApp Web, as it is today, lacks WAWebChatForwardMessage.forwardMessages.'
    return { code: 'not_available_in_this_page', detail }
  }
  const expected = { chatId: chat.id._serialized, type: message.type, handOver }
  kit.forwards.push(expected)
  try {
    await forwardMessages({
      ...{ chat, msgs: [message], multicast: true },
      ...{ includeCaption: true, appendedText: undefined },
    })
  } catch (error) {
    kit.forwards = kit.forwards.filter((one) => one !== expected)
    throw error
  }
  // It may have left without being known by us: nobody can say that it did not.
  if (handOver.stage === 'waiting') handOver.stage = 'handed_over'
  return undefined
}
