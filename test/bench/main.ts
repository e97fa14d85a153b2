/**
 * `npm run bench`, or `npm run bench -- send accept` for some chapters. `--quick` for short rounds, `--json FILE` for a
 * result that a program can read, `--help` for the list. Ends with 1 where a budget is missed.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chapters } from './chapters.ts'
import { loadNow } from './figures.ts'
import { allMet, type ChapterReport, describeMachine, toText } from './report.ts'
import { sweep } from './sweep.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const { quick, json } = values
const unknown = positionals.filter((name) => !Object.hasOwn(chapters, name))
if (values.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`No such chapter: ${unknown.join(', ')}.`)
  console.error('npm run bench -- [chapter …] [--quick] [--json FILE]')
  for (const [name, { what, seconds }] of Object.entries(chapters))
    console.error(`  ${name.padEnd(10)} ${what} (about ${seconds} s)`)
  process.exit(values.help ? 0 : 2)
}
const wanted = Object.entries(chapters).filter(
  ([name]) => positionals.length === 0 || positionals.includes(name),
)

// All that the chapters make goes below this one folder, so that nothing can be left elsewhere.
const folder = mkdtempSync(join(tmpdir(), 'bench-'))
process.env.TMPDIR = folder
let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (interrupted) return
    interrupted = true
    console.error(`\n${signal}: ending everything`)
    void sweep(folder).finally(() => process.exit(130))
  })
}
// What was in flight when everything was ended fails; nobody waits for it any more.
process.on('unhandledRejection', (error) => {
  if (interrupted) return
  console.error(error)
  void sweep(folder).finally(() => process.exit(1))
})

const since = performance.now()
const expected = wanted.reduce((sum, [, { seconds }]) => sum + seconds, 0)
note(
  quick
    ? 'a quick run'
    : `takes about ${Math.ceil(expected / 60)} minutes; leave the machine alone meanwhile`,
)
const reports: ChapterReport[] = []
for (const [name, chapter] of wanted) {
  const began = performance.now()
  const before = loadNow()
  note(`${name}: ${chapter.what} (load ${before.toFixed(1)})`)
  const result = await chapter
    .run({ quick, note: (line) => note(`${name}: ${line}`) })
    .catch((error: unknown) => ({ findings: [], error: String((error as Error)?.stack ?? error) }))
  if (interrupted) await new Promise(() => {})
  if ('error' in result) note(`${name}: ${result.error}`)
  reports.push({ name, ...result, seconds: (performance.now() - began) / 1_000, load: [before, loadNow()] })
}

const report = { at: new Date().toISOString(), quick, machine: describeMachine(), chapters: reports }
console.log(toText(report))
if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`)
const left = await sweep(folder)
for (const { pid, command } of left) note(`left over and killed: ${pid} ${command.slice(0, 3).join(' ')}`)
process.exit(allMet(reports) && left.length === 0 ? 0 : 1)

function note(line: string): void {
  if (interrupted) return
  process.stderr.write(`[${((performance.now() - since) / 1_000).toFixed(0).padStart(4)} s] ${line}\n`)
}
