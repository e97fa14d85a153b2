import { refusalOf } from '@wsg/shared/messages/kinds/message-kinds.ts'
import type { SendRequest } from '@wsg/shared/messages/send-request.ts'
import { Problem } from '../http/problem.ts'

/** @throws Problem not_supported, not_available_in_this_page where WhatsApp Web sends no such message to such a recipient */
export function assertSendable(request: SendRequest): void {
  const refusal = refusalOf(request)
  if (refusal !== null) throw new Problem(refusal.code, { sentence: refusal.sentence })
}
