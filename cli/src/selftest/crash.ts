import { setTimeout as pause } from 'node:timers/promises'
import {
  type Found,
  isSent,
  Missed,
  outcomeOf,
  type Prepared,
  RECOVERY_MS,
  readyAgain,
  SECOND_COPY_MS,
  type Step,
  send,
  some,
  until,
} from './step.ts'

const IN_FLIGHT = 4

const NOTHING_AT_LOAD = 'Nothing is sent again when a page is loaded'
const RECEIPTS_RAISE =
  'Receipts raise what is stored, whether or not it is in memory, and come with what waited for the next start'

/** The browser is killed while messages are on their way, and the second number writes while it is away. */
export const crashAndRecovery: Step = {
  name: 'crash and recovery',
  beliefs: [
    'The states of the connection; `hasSynced` changes once and not after a dropped socket',
    NOTHING_AT_LOAD,
    RECEIPTS_RAISE,
  ],
  run: crash,
}

async function crash(ground: Prepared): Promise<Found> {
  const { gateway, holder, first, second, phones, heard, word } = ground
  const { connectedAt } = await gateway.get('/status', { session: first })
  const texts = Array.from({ length: IN_FLIGHT }, (_, n) => `crash ${n} ${word}`)
  const sent = await Promise.all(
    texts.map((text) => send(ground, first, phones.second, text, { wait: 'none' })),
  )
  const isKilled = await ground.kill(first)
  // Where it runs on another machine it is closed and opened again, which is no crash.
  if (!isKilled) await gateway.ask('POST', '/session/restart', { session: first })
  await send(ground, second, phones.first, `meanwhile ${word}`)
  await readyAgain(ground, first, connectedAt)
  const messages = await Promise.all(sent.map(({ id }) => outcomeOf(ground, first, id)))
  await until('what came meanwhile to be an event', RECOVERY_MS, () =>
    some(heard.first.messages(`meanwhile ${word}`)),
  )
  await pause(SECOND_COPY_MS)
  const copies = texts.map((text) => heard.second.messages(text).length)
  const lost = messages.filter((message, n) => isSent(message) && copies[n] === 0)
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
    : 'it was restarted, since its browser cannot be killed from here'
  const states = messages.map(({ status }) => status)
  const cameByReceipt = isKilled && states.some((state) => state === 'delivered' || state === 'read')
  return {
    told: `${how}, and it came back without a QR code; of ${IN_FLIGHT} messages on their way ${copies.filter(Boolean).length} came, none twice (${states.join(', ')}); what was written meanwhile was one event`,
    unseen: [...(isKilled ? [] : [NOTHING_AT_LOAD]), ...(cameByReceipt ? [] : [RECEIPTS_RAISE])],
  }
}
