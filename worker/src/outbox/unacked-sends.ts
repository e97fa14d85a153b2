/** So many without an ack, and nothing acked meanwhile, are no chance. */
const SEVERAL = 3

/** How long acks may be missing, in ms. */
export interface AckLimits {
  severalMs: number
  /** One alone says less, so it is given more. */
  oneMs: number
  /** How long it may last until the browser is replaced. */
  replacedMs: number
}

/**
 * An ack takes well under a second, and some seconds where the network is bad; the page itself is asked after ten. Three
 * that wait three times as long have no other reason left. A browser takes seconds to come back, so it may go soon after.
 */
export const ackLimits: AckLimits = { severalMs: 30_000, oneMs: 60_000, replacedMs: 60_000 }

export interface AckFacts {
  /** When each message without an ack was handed over, on the monotonic clock. */
  since: readonly number[]
  /** When a message last got its first ack; an ack shows that sending works, and time counts anew. */
  lastAckAt: number
  /** When WhatsApp last connected: without a connection there is no ack to wait for. */
  connectedSince: number
  now: number
}

/** Whether the acks that are missing mean that sending does not work, though WhatsApp says that it is connected. */
export function areAcksMissing(
  { since, lastAckAt, connectedSince, now }: AckFacts,
  { severalMs, oneMs }: AckLimits,
): boolean {
  const begin = Math.max(lastAckAt, connectedSince)
  const ages = since.map((at) => now - Math.max(at, begin))
  return ages.some((ms) => ms >= oneMs) || ages.filter((ms) => ms >= severalMs).length >= SEVERAL
}
