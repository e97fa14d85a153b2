import type { HandOver, PageGlobals, SendPromises, SendResult } from '../page-globals.ts'

/**
 * Runs in the page, in the turn in which a message is handed over: follows it, and tells how it ends where no ack tells it.
 * Acks are told as they are heard (`page-events.ts`), so that a message that goes well costs nothing here.
 * @param promises what WhatsApp Web gave for it: that it is stored, and what became of it
 */
export async function followSend(handOver: HandOver, promises: Promise<SendPromises>): Promise<void> {
  const page = window as unknown as PageGlobals
  const { sends, tell, findMessage } = page.sessionGatewayKit
  const { chosenId: id, chatId } = handOver
  /** The failure is heard some turns before the server's number for it is known. */
  const resultWithinMs = 1_000
  let timer: ReturnType<typeof setTimeout> | undefined

  const ends = ({ messageSendResult: result, ackErrorCode: code }: SendResult): void => {
    clearTimeout(timer)
    if (!sends.delete(id)) return
    const { isRefused } = handOver
    if (result === 'OK') tell?.({ type: 'ack', id, ack: 1 })
    else
      tell?.({
        ...{ type: 'send_failure', id, isRefused },
        ...(code && { code }),
        ...(result && { result }),
      })
  }

  /** WhatsApp Web has had the message all along. */
  const wasKnown = async (): Promise<void> => {
    const known = await findMessage(id, chatId)
    if (known && known.ack > 0 && sends.delete(id)) tell?.({ type: 'ack', id, ack: known.ack })
    else if (!known || known.ack < 0 || known.isSendFailure) {
      handOver.isRefused = known !== null && known.ack < 0
      ends({ messageSendResult: 'DuplicateMessageError' })
    }
  }

  sends.set(id, handOver)
  handOver.fails = () => {
    timer ??= setTimeout(() => ends({}), resultWithinMs)
  }
  try {
    const [stored, outcome] = await promises
    handOver.stored = stored
    // Where the first one fails the second does as well.
    outcome.catch(() => {})
    await stored
    const result = await outcome
    if (result?.messageSendResult !== undefined) ends(result)
  } catch (error) {
    const name = error instanceof Error ? error.name : 'rejected'
    if (name === 'DuplicateMessageError') await wasKnown()
    else ends({ messageSendResult: name })
  }
}
