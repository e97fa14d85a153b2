import { randomBytes } from 'node:crypto'
import { type Command, text, UsageError } from '../command.ts'
import { Person, SimulatedPhones } from '../selftest/phone-holder.ts'
import { type SelftestReport, selftest } from '../selftest/selftest.ts'

export const selftestCommand: Command = {
  name: 'selftest',
  summary: 'Tries everything with two phones of yours, and says what of WhatsApp is as expected',
  fields: {
    first: { type: 'text', describe: 'A session that is linked already, instead of the first phone' },
    second: { type: 'text', describe: 'The same, instead of the second phone' },
    keep: { type: 'flag', describe: 'Leaves the sessions linked that it made' },
  },
  examples: ['wsg selftest', 'wsg selftest --sandbox --json > report.json'],
  run: async ({ gateway, values, output }) => {
    const { hasSimulatedPhones } = await gateway.get('/dashboard/facts.json')
    if (!hasSimulatedPhones && !process.stdin.isTTY)
      throw new UsageError('Somebody has to hold the phones: run it in a terminal, or against the sandbox.')
    const holder = hasSimulatedPhones ? new SimulatedPhones(gateway) : new Person(gateway, output)
    const word = randomBytes(3).toString('hex')
    const first = text(values, 'first') ?? `selftest-${word}-a`
    const second = text(values, 'second') ?? `selftest-${word}-b`
    output.note(
      'It takes some minutes, sends about ten messages from the first number to the second, and tells nobody.',
    )
    const report = await selftest({ gateway, holder, first, second, note: (line) => output.note(line) })
    const made = [first, second].filter((session) => session.includes(word))
    if (values.keep !== true)
      for (const session of made) await gateway.ask('DELETE', '/session', { session }).catch(() => {})
    if (output.isJson) output.result(report)
    else output.text(toText(report))
    return report.ok ? 0 : 1
  },
}

const MARKS = { true: '✓', false: '✗', null: '–' } as const

function toText({ steps, beliefs, page }: SelftestReport): string {
  return [
    `WhatsApp Web ${page ?? 'did not start'}`,
    ...steps.map(({ name, state, told }) => `${state === 'ok' ? '✓' : '✗'} ${name}: ${told}`),
    '',
    'Of what docs/page.md rests on (✓ held, ✗ did not, – nothing was seen of it):',
    ...beliefs.map(({ belief, held }) => `${MARKS[`${held}`]} ${belief}`),
  ].join('\n')
}
