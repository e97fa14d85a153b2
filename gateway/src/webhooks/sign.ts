import { createHmac, randomBytes } from 'node:crypto'

/** What Meta and GitHub sign their webhooks with: for receivers that know no other. */
export const HUB_SIGNATURE = 'x-hub-signature-256'

const PREFIX = 'whsec_'
const SECRET = /^(?:whsec_)?(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** A secret as Standard Webhooks write it: `whsec_` and the base64 of its bytes, of which there are 32. */
export function newSecret(): string {
  return PREFIX + randomBytes(32).toString('base64')
}

/** The bytes of a secret, null where it is none: 16 to 64 of them, in base64. The prefix may be left out. */
export function secretBytes(secret: string): Buffer | null {
  if (!SECRET.test(secret)) return null
  const bytes = Buffer.from(secret.replace(PREFIX, ''), 'base64')
  return bytes.length >= 16 && bytes.length <= 64 ? bytes : null
}

/**
 * The headers by which a receiver knows who sent a body: one signature for each secret.
 * Source: the Standard Webhooks specification 1.0.
 */
export function signatureHeaders(
  secrets: readonly string[],
  { id, body, nowMs }: { id: string; body: string; nowMs: number },
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1_000))
  const signed = secrets.map((secret) => {
    const key = secretBytes(secret) ?? Buffer.from(secret)
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signed.join(' ') }
}

/** The digest of a body as `X-Hub-Signature-256` has it; its key is the secret as it is written, prefix included. */
export function hubSignature(secret: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
}
