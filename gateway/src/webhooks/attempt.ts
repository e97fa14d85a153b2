import { envelopeText, type LoggedEvent, type PublicUrl } from '@wsg/shared/events/envelope.ts'
import { ForbiddenAddress } from '@wsg/shared/net/address-guard.ts'
import type { GuardedFetch } from '../http/guarded-fetch.ts'
import { HUB_SIGNATURE, hubSignature, signatureHeaders } from './sign.ts'
import { type StoredWebhook, secretsOf } from './webhook.ts'

/** How long a receiver has for its answer, connecting included. */
export const ANSWER_WITHIN_MS = 10_000
const ANSWER_CUT = 300

export interface AttemptOutcome {
  /** `gone`: the receiver wants nothing any more (410). */
  outcome: 'delivered' | 'failed' | 'gone'
  /** Absent where no answer came. */
  status?: number
  tookMs: number
  /** The beginning of the answer, or why none came. */
  answer: string
}

/** Posts one event to one receiver, once. Never throws. @param answerWithinMs connecting included */
export async function attempt<Name>(
  fetch: GuardedFetch,
  webhook: StoredWebhook,
  {
    event,
    name,
    publicUrl,
    answerWithinMs,
    traceparent,
  }: {
    event: LoggedEvent<Name>
    name: Name
    publicUrl: PublicUrl
    answerWithinMs: number
    traceparent?: string | undefined
  },
): Promise<AttemptOutcome> {
  const nowMs = Date.now()
  const body = envelopeText(event, name, publicUrl)
  const secrets = secretsOf(webhook, nowMs)
  const headers = {
    'user-agent': 'whatsapp-session-gateway',
    ...(traceparent !== undefined && { traceparent }),
    ...webhook.headers,
    'content-type': 'application/json',
    ...signatureHeaders(secrets, { id: event.id, body, nowMs }),
    ...(webhook.hubSignature && { [HUB_SIGNATURE]: hubSignature(webhook.secret, body) }),
  }
  const { url, mayBePrivate } = webhook
  const started = performance.now()
  const took = () => Math.round(performance.now() - started)
  try {
    const request = { url, method: 'POST', headers, body, mayBePrivate, timeoutMs: answerWithinMs } as const
    const { status, start } = await fetch.fetch(request)
    const isTaken = status >= 200 && status < 300
    return {
      outcome: isTaken ? 'delivered' : status === 410 ? 'gone' : 'failed',
      status,
      tookMs: took(),
      answer: start.slice(0, ANSWER_CUT),
    }
  } catch (error) {
    return { outcome: 'failed', tookMs: took(), answer: whyNot(error, answerWithinMs) }
  }
}

function whyNot(error: unknown, answerWithinMs: number): string {
  if (error instanceof ForbiddenAddress) return error.message
  const { name, message, code } = error as NodeJS.ErrnoException
  if (name === 'TimeoutError') return `No answer within ${answerWithinMs / 1_000} s.`
  return (code === undefined || message.includes(code) ? message : `${code}: ${message}`).slice(0, ANSWER_CUT)
}
