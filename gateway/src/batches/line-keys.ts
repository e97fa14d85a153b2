import { canonicalContent } from '@wsg/shared/messages/kinds/message-kinds.ts'
import type { MessageRecord } from '@wsg/shared/messages/message-record.ts'
import { canonicalRequest, type StoredRequest } from '@wsg/shared/messages/send-request.ts'
import { claimMessage, type IdempotencyClaim, sha256 } from '../messages/idempotency.ts'

/** A line as it is known again: what it says, which of those that say it it is, and the claim made of both. */
export interface LineKey {
  said: string
  place: number
  claim: IdempotencyClaim
}

/**
 * Makes the Idempotency-Keys of the lines of one upload. A line is known by whom it goes to and what it says, wherever in
 * the body it stands; of lines that say the same, each is a message of its own.
 */
export class LineKeys {
  readonly #batchKey: string
  /** By what was said: how many lines that say it were taken, and how many there are in the present group. */
  readonly #taken = new Map<number, number>()
  readonly #inGroup = new Map<number, number>()

  /** @param batchKey the caller's Idempotency-Key for the whole */
  constructor(batchKey: string) {
    this.#batchKey = batchKey
  }

  beginGroup(): void {
    this.#inGroup.clear()
  }

  next(body: StoredRequest): LineKey {
    const { to, message } = canonicalRequest(body)
    const said = hashOf(to, message)
    const short = shortOf(said)
    const place = (this.#inGroup.get(short) ?? this.#taken.get(short) ?? 0) + 1
    this.#inGroup.set(short, place)
    // No caller's key has a space.
    const claim = claimMessage(`line ${this.#batchKey} ${said} ${place}`, body, true)
    return { said, place, claim }
  }

  /** To be called for what was accepted now or earlier: only that is remembered, whatever the length of the upload. */
  taken({ said, place }: LineKey): void {
    const short = shortOf(said)
    this.#taken.set(short, Math.max(place, this.#taken.get(short) ?? 0))
  }
}

/** Whether a message is what a line says. */
export function isSaid({ said }: LineKey, { recipient, content }: MessageRecord): boolean {
  return hashOf(recipient, canonicalContent(content)) === said
}

function hashOf(to: string, message: object): string {
  return sha256(JSON.stringify([to, message]))
}

/** Six bytes of a hash: enough to tell the lines of an upload apart, and cheap to remember. */
function shortOf(hash: string): number {
  return Number.parseInt(hash.slice(0, 12), 16)
}
