import type { SendFailureFacts } from './page/page-events.ts'
import type { SendFailure } from './whatsapp-client.ts'

/** What WhatsApp Web gives up before it sends. With every other error it is the answer that may be lost. */
const beforeItLeaves = ['ERROR_UPLOAD', 'ERROR_CANCELLED']

/** What the page's facts prove. That WhatsApp Web marks a message as failed does not say whether it had left. */
export function readSendFailure({ isRefused, code, result }: SendFailureFacts): SendFailure {
  if (isRefused || code !== undefined) return { kind: 'refused', code: code ?? null }
  if (result !== undefined && beforeItLeaves.includes(result)) return { kind: 'not_sent' }
  return { kind: 'uncertain', said: result ?? 'no result' }
}
