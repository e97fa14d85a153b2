import type { SendFailure } from '../wire.ts'
import { build } from './build.ts'
import type { ChatModel } from './chat-model.ts'
import { rowOf } from './message-row.ts'
import { messageStorage } from './message-storage.ts'
import { WAWebCollections } from './modules/wa-web-collections.ts'
import { WAWebUpdateUnreadChatAction } from './modules/wa-web-update-unread-chat-action.ts'
import { WAWebUserPrefsMeUser } from './modules/wa-web-user-prefs-me-user.ts'
import type { MsgModel } from './msg-model.ts'
import { numberBook } from './number-book.ts'
import { offlineDelivery } from './offline-delivery.ts'
import { outbox } from './outbox.ts'
import { pageSettings } from './page-settings.ts'

export interface SendResult {
  messageSendResult: 'OK' | SendFailure
  /** Unix time in seconds, by the server. */
  t?: number
  count?: number
  /** The number with which the server refused the message. */
  ackErrorCode?: number
}

/** A message to a contact that the account has blocked is not sent, and keeps ack 0. */
class ContactBlockedError extends Error {
  override readonly name = 'ContactBlockedError'
}

/** The server refuses messages to new chats, as this month's number of them is used up. */
const NEW_CHATS_CAPPED = 475
const ACK = { failed: -1, sent: 1, read: 3 }

/**
 * The send job of a stored message: marks its chat as seen, waits for the end of the offline delivery, puts the message on
 * the wire and waits for the server's answer. Rejects for a blocked contact only.
 */
export async function sendMsgRecord(msg: MsgModel, chat: ChatModel | undefined): Promise<SendResult> {
  const number = numberBook.of(msg.to)?.number ?? msg.to.user
  const { failures = {}, lostAnswers = {} } = pageSettings.current.account
  if (WAWebCollections.Blocklist.get(msg.to)) throw new ContactBlockedError('Contact is blocked')
  if (chat) WAWebUpdateUnreadChatAction.sendSeen({ chat }).catch(reportError)
  await offlineDelivery.waitForEnd()
  const failure = failures[number]
  if (failure) return fail(msg, failure)
  const answer = outbox.send(msg)
  const lost = lostAnswers[number]
  if (lost) {
    outbox.forget(msg.id.id)
    return fail(msg, lost)
  }
  const { at, error } = await answer
  if (error !== undefined) {
    const isCapped = error === NEW_CHATS_CAPPED
    msg.set({ isSendFailure: true, ack: ACK.failed, ...(isCapped && { errorCode: error }) })
    store(msg)
    return {
      messageSendResult: 'ERROR_UNKNOWN',
      ...(build.has('ackErrorCode') && { ackErrorCode: error }),
    }
  }
  msg.updateAck(WAWebUserPrefsMeUser.isMeAccount(msg.id.remote) ? ACK.read : ACK.sent)
  store(msg)
  return { messageSendResult: 'OK', t: at, count: 1 }
}

/** Not by the server's word, so that the ack stays: a message that left may have arrived. */
function fail(msg: MsgModel, messageSendResult: SendFailure): SendResult {
  msg.set({ isSendFailure: true })
  store(msg)
  return { messageSendResult }
}

/** The model first, the row afterwards, and nobody waits for it. */
function store(msg: MsgModel): void {
  messageStorage.put('message', rowOf(msg)).catch(reportError)
}
