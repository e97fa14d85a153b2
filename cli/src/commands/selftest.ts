import { randomBytes } from 'node:crypto'
import { type Command, text } from '../command.ts'
import { killBrowser, killByCommand } from '../selftest/kill-browser.ts'
import { Person, SimulatedPhones } from '../selftest/phone-holder.ts'
import { type SelftestReport, selftest } from '../selftest/selftest.ts'
import { UsageError } from '../usage-error.ts'

export const selftestCommand: Command = {
  name: 'selftest',
  summary: 'Tries everything with two phones of yours, and says what of WhatsApp is as expected',
  fields: {
    first: { type: 'text', describe: 'A session that is linked already, instead of the first phone' },
    second: { type: 'text', describe: 'The same, instead of the second phone' },
    kill: {
      type: 'text',
      describe: 'A command that kills the browser of the session $SESSION, where it runs on another machine',
    },
    keep: { type: 'flag', describe: 'Leaves the sessions linked that it made' },
  },
  examples: [
    'wsg selftest',
    'wsg selftest --sandbox --json > report.json',
    `wsg selftest --kill 'ssh worker-1 "pkill -9 -f [u]ser-data-dir=.*/session-$SESSION"'`,
  ],
  run: async ({ gateway, values, output }) => {
    const hasSimulatedPhones = await gateway.hasSimulatedPhones()
    if (!hasSimulatedPhones && !process.stdin.isTTY)
      throw new UsageError('Somebody has to hold the phones: run it in a terminal, or against the sandbox.')
    const holder = hasSimulatedPhones ? new SimulatedPhones(gateway) : new Person(gateway, output)
    const word = randomBytes(3).toString('hex')
    const first = text(values, 'first') ?? `selftest-${word}-a`
    const second = text(values, 'second') ?? `selftest-${word}-b`
    const third = `selftest-${word}-c`
    output.note(
      'It takes some minutes, sends about twenty messages from the first number to the second, and tells nobody.',
    )
    const command = text(values, 'kill')
    const kill = async (session: string) =>
      command === undefined ? killBrowser(session) : await killByCommand(command, session)
    const note = (line: string) => output.note(line)
    const report = await selftest({ gateway, holder, first, second, third, kill, note })
    const made = [first, second, third].filter((session) => session.includes(word))
    if (values.keep !== true)
      for (const session of made) await gateway.ask('DELETE', '/session', { session }).catch(() => {})
    if (output.isJson) output.result(report)
    else output.text(toText(report))
    return report.ok ? 0 : 1
  },
}

const MARKS = { true: '✓', false: '✗', null: '–', ok: '✓', failed: '✗', 'not seen': '–' } as const

function toText({ steps, beliefs, page }: SelftestReport): string {
  return [
    `WhatsApp Web ${page ?? 'did not start'}`,
    ...steps.map(({ name, state, told }) => `${MARKS[state]} ${name}: ${told}`),
    '',
    'Of what docs/page.md rests on (✓ held, ✗ did not, – nothing was seen of it):',
    ...beliefs.map(({ belief, held }) => `${MARKS[`${held}`]} ${belief}`),
  ].join('\n')
}
