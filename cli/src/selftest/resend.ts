import { setTimeout as pause } from 'node:timers/promises'
import type { EventLog } from './event-log.ts'
import {
  type Found,
  isSent,
  Missed,
  messageOf,
  notSeen,
  outcomeOf,
  type Prepared,
  readyAgain,
  SECOND_COPY_MS,
  type Step,
  send,
  until,
  WHATSAPP_MS,
} from './step.ts'

/** Each costs a start of the browser. */
const TRIES = 6
/** The time between hand-over and ack is short. */
const LOOK_EVERY_MS = 10

const SERVER_DROPS = "WhatsApp's server drops a message id that it has seen"

/**
 * Kills the browser when WhatsApp has a message and has not yet said so: the next owner sends it again under its id. A receipt
 * would tell that one in time that it arrived, so the second number is away meanwhile. That the first copy had left is what the
 * third session tells, a further device of the first number.
 */
export const sameIdResend: Step = {
  name: 'same-id resend',
  beliefs: ['The page sends a failed message again under its old id', SERVER_DROPS],
  run: async (ground) => {
    const { gateway, holder, second, phones, heard } = ground
    if (heard.third === null)
      return notSeen(
        sameIdResend,
        'without a further device of the first number nothing tells what has left it',
      )
    await gateway.ask('POST', '/session/stop', { session: second })
    await holder.setAway(true, phones.second)
    const tried = await tryToCatch(ground, heard.third).finally(async () => {
      await holder.setAway(false, phones.second)
      await gateway.ask('POST', '/session/start', { session: second })
    })
    return await arrivedOnce(ground, tried)
  },
}

interface Tried {
  /** The texts that WhatsApp has. */
  sent: string[]
  /** The one that it was given twice, or why there is none. */
  end: { twice: string } | { why: string }
}

/** The right moment lies between hand-over and ack, and is not known before: half-way is tried first, then earlier or later. */
async function tryToCatch(ground: Prepared, third: EventLog): Promise<Tried> {
  const { gateway, first, phones, word } = ground
  const unhurt = `unhurt ${word}`
  const sent = [unhurt]
  let [early, late] = [0, await timeToAck(ground, unhurt)]
  for (let n = 1; n <= TRIES; n++) {
    const text = `again ${n} ${word}`
    const { connectedAt } = await gateway.get('/status', { session: first })
    const { id } = await send(ground, first, phones.second, text, { wait: 'none' })
    await begun(ground, id)
    const waitMs = (early + late) / 2
    await pause(waitMs)
    if (!(await ground.kill(first)))
      return { sent, end: { why: 'its browser cannot be killed from here: say how with --kill' } }
    await readyAgain(ground, first, connectedAt)
    const message = await outcomeOf(ground, first, id)
    if (message.status === 'unknown')
      return {
        sent,
        end: {
          why: 'a message had no ack when its browser died, and is unknown: only workers with RESEND_AFTER_CRASH=same-id send it again',
        },
      }
    if (isSent(message)) sent.push(text)
    const { resentAt } = message
    const leftAt = third.ownHeardAt(text)
    if (resentAt === undefined) late = waitMs
    else if (leftAt === null || leftAt >= Date.parse(resentAt)) early = waitMs
    else return { sent, end: { twice: text } }
  }
  return { sent, end: { why: `in ${TRIES} tries the browser did not die between hand-over and ack` } }
}

/** How long WhatsApp takes to say that it has a message, in ms. */
async function timeToAck(ground: Prepared, text: string): Promise<number> {
  const { id } = await send(ground, ground.first, ground.phones.second, text, { wait: 'none' })
  await begun(ground, id)
  const since = performance.now()
  const isAcked = async () => isSent(await messageOf(ground, ground.first, id)) || null
  await until('WhatsApp to have the message', WHATSAPP_MS, isAcked, LOOK_EVERY_MS)
  return performance.now() - since
}

/** Waits until a message is being handed over. */
async function begun(ground: Prepared, id: string): Promise<void> {
  const isBegun = async () => (await messageOf(ground, ground.first, id)).status !== 'queued' || null
  await until('the message to be handed over', WHATSAPP_MS, isBegun, LOOK_EVERY_MS)
}

async function arrivedOnce({ holder, heard }: Prepared, { sent, end }: Tried): Promise<Found> {
  const copies = () => sent.map((text) => heard.second.messages(text).length)
  await until('the second number to get what was sent', WHATSAPP_MS, () => !copies().includes(0) || null)
  await pause(SECOND_COPY_MS)
  if (copies().some((count) => count > 1)) throw new Missed(`messages came ${copies().join(', ')} times`)
  if ('why' in end) return notSeen(sameIdResend, end.why)
  const seen = await holder.look(`On the second phone: is "${end.twice}" there exactly once?`)
  if (seen === false) throw new Missed('the phone does not show it exactly once')
  return {
    told: 'a message that WhatsApp had was sent again under its id, and came to the second number once',
    // A phone shows it, where somebody looks.
    unseen: seen === null ? [SERVER_DROPS] : [],
  }
}
