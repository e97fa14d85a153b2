/**
 * Whether the promises about messages hold while everything but Redis is killed at random: plain worker processes of one
 * host, one more than there are sessions, two gateways, a Chromium each, and a simulated WhatsApp that drops no repeated
 * id. Prints what happened, and exits with 1 where something was lost, doubled, out of order or not explained.
 * `--messages 5000 --kills 200 --sessions 4`; `--seed 1` draws the same victims again, though not at the same instants.
 */
import { parseArgs } from 'node:util'
import { runChaos } from '../chaos/chaos-run.ts'
import { loadNow, seconds } from './figures.ts'

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '5000' },
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
  kills: Number(values.kills),
  sessions: Number(values.sessions),
  seed,
})
const { unknown, broken } = result
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
for (const [promise, texts] of Object.entries(broken))
  console.log(`${promise.padEnd(12)} ${texts.length} ${texts.slice(0, 10).join('; ')}`)
const allReady = result.ended.every((state) => state === 'ready') && result.happened.failed === undefined
const holds = allReady && Object.values(broken).every((texts) => texts.length === 0)
console.log(holds ? 'every promise holds' : 'A PROMISE IS BROKEN')
process.exitCode = holds ? 0 : 1

function told(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
}
