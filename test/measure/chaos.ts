/**
 * Whether the promises about messages and events hold while everything is killed at random: plain worker processes of one
 * host, one more than there are sessions, three gateways, a Chromium each, Redis with `--redis`, and a simulated WhatsApp that
 * drops no repeated id. Webhooks of each session, whose receivers fail, hang, dawdle and are away for a while, one for all
 * sessions, and a stream of all get the same events, of every kind. Prints what happened, and exits with 1 where something was
 * lost, doubled, out of order or not explained. `--messages 5000 --happenings 1000 --kills 200 --sessions 4`; `--mixed` sends
 * every common kind of message, with files from every source, instead of texts; `--seed 1` draws the same victims again,
 * though not at the same instants.
 */
import { parseArgs } from 'node:util'
import { eventList } from '@wsg/shared/events/events.ts'
import { runChaos } from '../chaos/chaos-run.ts'
import { loadNow, seconds } from './figures.ts'

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '5000' },
    happenings: { type: 'string', default: '1000' },
    mixed: { type: 'boolean', default: false },
    redis: { type: 'boolean', default: false },
    kills: { type: 'string', default: '200' },
    sessions: { type: 'string', default: '4' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const seed = Number(values.seed)
console.log(`seed ${seed}`)
const since = performance.now()
const result = await runChaos({
  messages: Number(values.messages),
  happenings: Number(values.happenings),
  withRedis: values.redis,
  isMixed: values.mixed,
  moods: { fails: 0.08, dawdles: 0.03, hangs: 0.005 },
  kills: Number(values.kills),
  sessions: Number(values.sessions),
  seed,
  onProgress: (what) =>
    console.log(`${seconds(performance.now() - since).padStart(9)} ${what}, load ${loadNow()}`),
})
const { unknown, broken, events } = result
const victims = Map.groupBy(result.kills, ({ victim }) => victim)
const killed = Object.fromEntries([...victims].map(([victim, of]) => [victim, of.length]))
console.log(`took      ${seconds(performance.now() - since)}, load ${loadNow()}`)
console.log(`killed    ${result.kills.length}: ${told(killed)}`)
console.log(`answered  ${result.answered}; answers: ${told(result.tally)}`)
console.log(`records   ${told(result.states)}`)
console.log(
  `unknown   ${unknown.onTheWire + unknown.notOnTheWire}: ${unknown.onTheWire} are on the wire, ${unknown.notOnTheWire} are not`,
)
console.log(`sessions  ${result.ended.join(', ')}; ${told(result.happened)}`)
console.log(`events    ${told(events.told)}`)
console.log(`again     under the same id: ${told(events.duplicates)}`)
for (const [promise, texts] of [...Object.entries(broken), ...Object.entries(events.broken)])
  console.log(`${promise.padEnd(12)} ${texts.length} ${texts.slice(0, 10).join('; ')}`)
const untold = eventList.map(({ name }) => name).filter((name) => events.told[name] === undefined)
console.log(`never told   ${untold.length} ${untold.join(', ')}`)
const allReady = result.ended.every((state) => state === 'ready') && result.happened.failed === undefined
const holds =
  allReady &&
  untold.length === 0 &&
  [broken, events.broken].every((of) => Object.values(of).every((texts) => texts.length === 0))
console.log(holds ? 'every promise holds' : 'A PROMISE IS BROKEN')
process.exitCode = holds ? 0 : 1

function told(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
}
