import { setTimeout as pause } from 'node:timers/promises'
import { isAcked, isSettled, type MessageState } from '@wsg/shared/messages/message-lifecycle.ts'
import type { GatewayClient } from '../gateway-client.ts'
import type { EventLog } from './event-log.ts'
import type { PhoneHolder } from './phone-holder.ts'

/** A person finds a phone, unlocks it and opens the right page. */
export const PERSON_MS = 180_000
export const WHATSAPP_MS = 60_000
export const RECOVERY_MS = 180_000
/** Messages that came twice would come soon after each other. */
export const SECOND_COPY_MS = 3_000
const LOOK_EVERY_MS = 500

export interface Ground {
  gateway: GatewayClient
  holder: PhoneHolder
  note(line: string): void
  /** Kills the browser of a session, or all that it runs in. @returns false where it cannot be reached from here */
  kill(session: string): Promise<boolean>
  /** The sessions that are tested: the first sends, the second receives and writes back, the third is the first phone's as well. */
  first: string
  second: string
  third: string
}

export interface Prepared extends Ground {
  phones: { first: string; second: string }
  /** The third is there once it is linked. */
  heard: { first: EventLog; second: EventLog; third: EventLog | null }
  word: string
}

export interface Step {
  name: string
  /** The sentences of docs/page.md that it decides: they hold where it does. */
  beliefs: readonly string[]
  run(ground: Prepared): Promise<Found>
}

export interface Found {
  told: string
  /** Beliefs of which nothing was seen this time. */
  unseen?: readonly string[]
  /** What the step is about did not happen: nothing is known of it, and nothing is wrong. */
  isNotSeen?: true
}

/** What a step did not find. */
export class Missed extends Error {
  override readonly name = 'Missed'
}

/** Nothing of all that was seen. */
export function notSeen({ beliefs }: Pick<Step, 'beliefs'>, told: string): Found {
  return { told, unseen: beliefs, isNotSeen: true }
}

export async function send(
  { gateway }: Ground,
  session: string,
  to: string,
  message: unknown,
  { key, wait }: { key?: string; wait?: string } = {},
): Promise<{ id: string }> {
  const headers = { 'idempotency-key': key }
  const { body } = await gateway.ask('POST', '/send', {
    session,
    query: { wait },
    headers,
    body: { to, message },
  })
  return { id: String(body.id) }
}

export interface MessageFacts {
  status: MessageState
  resentAt?: string
}

export async function messageOf({ gateway }: Ground, session: string, id: string): Promise<MessageFacts> {
  return (await gateway.get(`/messages/${id}`, { session })) as unknown as MessageFacts
}

/** Waits until it is decided whether a message was sent. */
export async function outcomeOf(ground: Ground, session: string, id: string): Promise<MessageFacts> {
  return await until('a message to have an outcome', RECOVERY_MS, async () => {
    const message = await messageOf(ground, session, id)
    return isSettled(message.status) ? message : null
  })
}

export function isSent({ status }: MessageFacts): boolean {
  return isAcked(status)
}

/** Waits until a session is ready under another owner than the one of which `connectedAt` is known. @throws Missed where its login is lost */
export async function readyAgain({ gateway }: Ground, session: string, connectedAt: unknown): Promise<void> {
  await until('the session to be ready again, without a QR code', RECOVERY_MS, async () => {
    const now = await gateway.get('/status', { session })
    if (now.status === 'waiting_qr') throw new Missed('its login was lost: it waits for a QR code')
    return now.status === 'ready' && now.connectedAt !== connectedAt ? true : null
  })
}

/** @returns what `look` found @throws Missed where it found nothing in time */
export async function until<T>(
  what: string,
  withinMs: number,
  look: () => Promise<T | null> | T | null,
  everyMs = LOOK_EVERY_MS,
): Promise<T> {
  const endsAt = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== null) return found
    if (performance.now() > endsAt) throw new Missed(`waited ${withinMs / 1_000} s for ${what}`)
    await pause(everyMs)
  }
}

export function some<T>(found: T[]): T[] | null {
  return found.length > 0 ? found : null
}
