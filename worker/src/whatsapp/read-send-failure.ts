import type { SendFailureFacts } from './page/page-events.ts'
import type { SendFailure } from './whatsapp-client.ts'

/** Errors on the way: the answer may be what was lost. */
const onTheWay = ['ERROR_NETWORK', 'ERROR_EXPIRED', 'ERROR_RATE_LIMIT']

/**
 * What the page's facts prove. Only the server's refusal and a failure before the wire are certain: WhatsApp Web marks
 * such a message as failed, and leaves its ack at 0 where the server was not asked.
 */
export function readSendFailure({ isRefused, isSendFailure, code, result }: SendFailureFacts): SendFailure {
  if (isRefused || code !== undefined) return { kind: 'refused', code: code ?? null }
  if (isSendFailure && !onTheWay.includes(result ?? '')) return { kind: 'not_sent' }
  return { kind: 'uncertain', said: result ?? 'no result' }
}
