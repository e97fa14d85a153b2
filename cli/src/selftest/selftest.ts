import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { isAcked, isSettled, type MessageState } from '@wsg/shared/messages/message-lifecycle.ts'
import type { GatewayClient } from '../gateway-client.ts'
import { EventLog } from './event-log.ts'
import { killBrowser } from './kill-browser.ts'
import type { PhoneHolder } from './phone-holder.ts'

const LOOK_EVERY_MS = 500
/** A person finds a phone, unlocks it and opens the right page. */
const PERSON_MS = 180_000
const WHATSAPP_MS = 60_000
const RECOVERY_MS = 180_000
const IN_FLIGHT = 4
/** Messages that came twice would come soon after each other. */
const SECOND_COPY_MS = 3_000

/** A smallest picture, as PNG. */
const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mNQaDiAFTEMLQkAOsZYAf+tz8gAAAAASUVORK5CYII='

export interface Ground {
  gateway: GatewayClient
  holder: PhoneHolder
  note(line: string): void
  /** The sessions that are tested: the first sends, the second receives and writes back. */
  first: string
  second: string
}

interface Step {
  name: string
  /** The sentences of docs/page.md that it rests on: they hold where it does. */
  beliefs: readonly string[]
  run(ground: Prepared): Promise<Found>
}

interface Found {
  told: string
  /** Beliefs of which nothing was seen this time. */
  unseen?: readonly string[]
}

interface Prepared extends Ground {
  phones: { first: string; second: string }
  heard: { first: EventLog; second: EventLog }
  word: string
}

/** What a step did not find. */
class Missed extends Error {
  override readonly name = 'Missed'
}

export interface SelftestReport {
  ok: boolean
  page: string | null
  steps: { name: string; state: 'ok' | 'failed'; told: string; tookMs: number }[]
  /** The sentences of docs/page.md, and whether they held; null where nothing was seen of them. */
  beliefs: { belief: string; held: boolean | null; step: string }[]
}

const NOTHING_AT_LOAD = 'Nothing is sent again when a page is loaded'
const RECEIPTS_RAISE =
  'Receipts raise what is stored, whether or not it is in memory, and come with what waited for the next start'
const SERVER_DROPS = "WhatsApp's server drops a message id that it has seen"

const steps: readonly Step[] = [
  {
    name: 'text',
    beliefs: [
      'Every message to a person or group passes one function of the page, under the id that it is given there',
    ],
    run: async ({ gateway, first, phones, heard, word }) => {
      const sent = await send(gateway, first, phones.second, `text ${word}`)
      const [came] = await until('the text to come to the second number', WHATSAPP_MS, () =>
        some(heard.second.messages(`text ${word}`)),
      )
      const isUnderId = came?.id === sent.id
      if (!isUnderId) throw new Missed(`it came under the id ${came?.id}, and was sent under ${sent.id}`)
      return {
        told: 'it came to the second number, under the id that it was given here',
      }
    },
  },
  {
    name: 'acks',
    beliefs: ['Read receipts leave only while the account is shown as available'],
    run: async ({ gateway, first, second, phones, word }) => {
      const { id } = await send(gateway, first, phones.second, `ack ${word}`)
      await untilState(gateway, first, id, ['delivered', 'read'])
      await until('the second number to see the chat', WHATSAPP_MS, async () => {
        await gateway.ask('POST', `/chats/${phones.first}/seen`, { session: second })
        return (await stateOf(gateway, first, id)) === 'read' ? true : null
      })
      return {
        told: 'server, delivered and read were told, in the record of the message',
      }
    },
  },
  {
    name: 'media',
    beliefs: [
      "The page's download manager gives the bytes of a file; for some accounts only under the message's own mimetype",
    ],
    run: async ({ gateway, first, second, phones, heard, word }) => {
      const bytes = `document ${word} ${randomBytes(64).toString('hex')}`
      const media = { data: Buffer.from(bytes).toString('base64'), mimetype: 'text/plain' }
      await send(gateway, first, phones.second, {
        type: 'document',
        media,
        filename: 'selftest.txt',
        caption: `file ${word}`,
      })
      await send(gateway, first, phones.second, {
        type: 'image',
        media: { data: PICTURE },
        caption: `image ${word}`,
      })
      const [file] = await until('the file to come', WHATSAPP_MS, () =>
        some(heard.second.messages(`file ${word}`)),
      )
      await until('the image to come', WHATSAPP_MS, () => some(heard.second.messages(`image ${word}`)))
      const got = await gateway.open(
        'GET',
        `/messages/${encodeURIComponent(String(file?.messageId))}/media`,
        { session: second },
      )
      if ((await got.text()) !== bytes) throw new Missed('the file that came has other bytes')
      return {
        told: 'an image and a file came to the second number, the file byte by byte',
      }
    },
  },
  {
    name: 'receiving',
    beliefs: [],
    run: async ({ gateway, holder, second, phones, heard, word }) => {
      await send(gateway, second, phones.first, `back ${word}`)
      await until('the answer of the second number to be an event', WHATSAPP_MS, () =>
        some(heard.first.messages(`back ${word}`)),
      )
      await holder.write(`phone ${word}`, phones.first)
      await until('what was written on the phone to be an event', PERSON_MS, () =>
        some(heard.first.messages(`phone ${word}`)),
      )
      return { told: 'what was sent, and what was written on the phone, were events' }
    },
  },
  {
    name: 'same message twice',
    beliefs: [],
    run: async ({ gateway, first, phones, heard, word }) => {
      const text = `once ${word}`
      const once = { key: `selftest-${word}` }
      const { id } = await send(gateway, first, phones.second, text, once)
      const again = await send(gateway, first, phones.second, text, once)
      await until('it to come', WHATSAPP_MS, () => some(heard.second.messages(text)))
      await pause(SECOND_COPY_MS)
      if (again.id !== id || heard.second.messages(text).length !== 1) throw new Missed('it went out twice')
      return { told: 'a message that was sent again under its key came once' }
    },
  },
  {
    name: 'crash and recovery',
    beliefs: [
      'The states of the connection; `hasSynced` changes once and not after a dropped socket',
      NOTHING_AT_LOAD,
      RECEIPTS_RAISE,
      SERVER_DROPS,
    ],
    run: crash,
  },
]

/** The browser is killed while messages are on their way, and the second number writes while it is away. */
async function crash(ground: Prepared): Promise<Found> {
  const { gateway, holder, first, second, phones, heard, word } = ground
  const before = await gateway.get('/status', { session: first })
  const texts = Array.from({ length: IN_FLIGHT }, (_, n) => `crash ${n} ${word}`)
  const sent = await Promise.all(
    texts.map((text) => send(gateway, first, phones.second, text, { wait: 'none' })),
  )
  const isKilled = killBrowser(first)
  // Where it runs on another machine it is closed and opened again, which is no crash.
  if (!isKilled) await gateway.ask('POST', '/session/restart', { session: first })
  await send(gateway, second, phones.first, `meanwhile ${word}`)
  await until('the session to be ready again, without a QR code', RECOVERY_MS, async () => {
    const { status, connectedAt } = await gateway.get('/status', { session: first })
    if (status === 'waiting_qr') throw new Missed('its login was lost: it waits for a QR code')
    return status === 'ready' && connectedAt !== before.connectedAt ? true : null
  })
  const states = await until('each message to have an outcome', RECOVERY_MS, async () => {
    const found = await Promise.all(sent.map(({ id }) => stateOf(gateway, first, id)))
    return found.every(isSettled) ? found : null
  })
  await until('what came meanwhile to be an event', RECOVERY_MS, () =>
    some(heard.first.messages(`meanwhile ${word}`)),
  )
  await pause(SECOND_COPY_MS)
  const copies = texts.map((text) => heard.second.messages(text).length)
  const lost = texts.filter((_, n) => isAcked(states[n] as MessageState) && copies[n] === 0)
  if (copies.some((count) => count > 1)) throw new Missed(`messages came ${copies.join(', ')} times`)
  if (lost.length > 0) throw new Missed(`${lost.length} messages are told as sent and did not come`)
  if (heard.first.messages(`meanwhile ${word}`).length !== 1)
    throw new Missed('what came meanwhile is more than one event')
  const seen = await holder.look(
    `On the second phone: is each of the messages that begin with "crash" there at most once?`,
  )
  if (seen === false) throw new Missed('the phone shows a message twice')
  const how = isKilled
    ? 'its browser was killed'
    : 'it was restarted, since its browser runs on another machine'
  return {
    told: `${how}, and it came back without a QR code; of ${IN_FLIGHT} messages on their way ${copies.filter(Boolean).length} came, none twice (${states.join(', ')}); what was written meanwhile was one event`,
    unseen: [
      ...(isKilled ? [] : [NOTHING_AT_LOAD]),
      ...(isKilled && states.some((state) => state === 'delivered' || state === 'read')
        ? []
        : [RECEIPTS_RAISE]),
      // A phone shows it, where somebody looks.
      ...(seen === null ? [SERVER_DROPS] : []),
    ],
  }
}

/** Walks every step; one that fails keeps none of the others from being tried, but for the first. */
export async function selftest(ground: Ground): Promise<SelftestReport> {
  const { gateway, first, second } = ground
  const report: SelftestReport = { ok: true, page: null, steps: [], beliefs: [] }
  const walk = async ({ name, beliefs, run }: Step, prepared: Prepared): Promise<void> => {
    const startedAt = performance.now()
    ground.note(`${name} …`)
    const { told, unseen, state } = await run(prepared).then(
      ({ told, unseen = [] }) => ({ told, unseen, state: 'ok' as const }),
      (error: Error) => ({ told: error.message, unseen: [] as readonly string[], state: 'failed' as const }),
    )
    report.steps.push({ name, state, told, tookMs: Math.round(performance.now() - startedAt) })
    for (const belief of beliefs)
      report.beliefs.push({ belief, held: unseen.includes(belief) ? null : state === 'ok', step: name })
    report.ok &&= state === 'ok'
  }
  const prepared: Prepared = {
    ...ground,
    phones: { first: '', second: '' },
    heard: { first: EventLog.empty(), second: EventLog.empty() },
    word: randomBytes(4).toString('hex'),
  }
  await walk(pairing, prepared)
  // What the page lacks does not keep the rest from being tried.
  if (prepared.phones.second === '') return report
  const { engine } = (await gateway.get('/status', { session: first })) as { engine?: { page: string } }
  report.page = engine?.page ?? null
  prepared.heard = {
    first: await EventLog.open(gateway, first),
    second: await EventLog.open(gateway, second),
  }
  try {
    for (const step of steps) await walk(step, prepared)
  } finally {
    prepared.heard.first.close()
    prepared.heard.second.close()
  }
  return report
}

const pairing: Step = {
  name: 'pairing',
  beliefs: ['Modules are found by their names; one that is not there, or not yet, throws'],
  run: async (ground) => {
    ground.phones.first = await pair(ground, 'first')
    ground.phones.second = await pair(ground, 'second')
    const { engine } = (await ground.gateway.get('/status', { session: ground.first })) as {
      engine?: { missing: { name: string }[] }
    }
    const missing = (engine?.missing ?? []).map(({ name }) => name)
    if (missing.length > 0) throw new Missed(`both are linked, and the page lacks ${missing.join(', ')}`)
    return { told: 'both numbers are linked, and the page has all that is used of it' }
  },
}

/** @returns its number */
async function pair({ gateway, holder, first, second }: Ground, which: 'first' | 'second'): Promise<string> {
  const session = which === 'first' ? first : second
  let shown: unknown = null
  const ready = await until(`the ${which} phone to be linked`, PERSON_MS, async () => {
    const { code, status, message } = await gateway.get('/qr', { session, query: { wait: 5 } })
    if (status === 'failed') throw new Missed(String(message))
    if (typeof code === 'string' && code !== shown) {
      shown = code
      await holder.scan(which, code, session)
    }
    return status === 'ready' ? await gateway.get('/status', { session }) : null
  })
  return String(ready.phone)
}

async function send(
  gateway: GatewayClient,
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

async function stateOf(gateway: GatewayClient, session: string, id: string): Promise<MessageState> {
  return (await gateway.get(`/messages/${id}`, { session })).status as MessageState
}

async function untilState(
  gateway: GatewayClient,
  session: string,
  id: string,
  wanted: readonly MessageState[],
): Promise<void> {
  const reached = async () => (wanted.includes(await stateOf(gateway, session, id)) ? true : null)
  await until(`the message to be ${wanted[0]}`, WHATSAPP_MS, reached)
}

/** @returns what `look` found @throws Missed where it found nothing in time */
async function until<T>(
  what: string,
  withinMs: number,
  look: () => Promise<T | null> | T | null,
): Promise<T> {
  const endsAt = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== null) return found
    if (performance.now() > endsAt) throw new Missed(`waited ${withinMs / 1_000} s for ${what}`)
    await pause(LOOK_EVERY_MS)
  }
}

function some<T>(found: T[]): T[] | null {
  return found.length > 0 ? found : null
}
