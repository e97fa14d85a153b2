/**
 * Runs tests many times in a row on a busy machine and reports what failed, by test: a test that fails once in ten is
 * as wrong as one that always fails. Exits with 1 where one failed, was skipped or left something over.
 *
 *   npm run test:repeat -- 10 integration                    a project, ten times
 *   npm run test:repeat -- 10 system/host.test.ts --load 4   a file, beside four processes that never rest
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

interface Report {
  numPassedTests: number
  testResults: {
    name: string
    status: string
    message: string
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[]
  }[]
}

const TESTS = join(import.meta.dirname, '..')
const CONTAINERS = 'containers'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { load: { type: 'string', default: String(availableParallelism()) } },
})
const [times = '10', ...what] = positionals
const isProject = (name: string) => /^[a-z-]+$/.test(name) && existsSync(join(TESTS, name))
const projects = what.filter(isProject)
const config = projects.includes(CONTAINERS) ? 'test/containers.config.ts' : 'test/vitest.config.ts'
const selection = [
  ...projects.filter((name) => name !== CONTAINERS).flatMap((name) => ['--project', name]),
  ...what.filter((name) => !isProject(name)),
]

const folder = mkdtempSync(join(tmpdir(), 'repeat-'))
const busy = Array.from({ length: Number(values.load) }, () =>
  spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'ignore' }),
)
/** What went wrong, by test: in which runs, and the first thing that it said. */
const faults = new Map<string, { runs: number[]; message: string }>()

function fault(test: string, run: number, message: string): void {
  const known = faults.get(test) ?? { runs: [], message }
  known.runs.push(run)
  faults.set(test, known)
}

async function runOnce(run: number): Promise<void> {
  const file = join(folder, `${run}.json`)
  const began = performance.now()
  const vitest = spawn(
    process.execPath,
    [
      ...['node_modules/vitest/vitest.mjs', 'run', '--config', config, ...selection],
      ...['--reporter=json', `--outputFile=${file}`],
    ],
    { cwd: join(TESTS, '..'), stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const [code] = (await once(vitest, 'exit')) as [number | null]
  const seconds = Math.round((performance.now() - began) / 1_000)
  if (!existsSync(file)) {
    fault('the run itself', run, `vitest ended with ${code} and made no report`)
    return
  }
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report
  let wrong = 0
  for (const { name, status, message, assertionResults } of report.testResults) {
    const failed = assertionResults.filter((test) => test.status !== 'passed')
    wrong += failed.length
    for (const test of failed)
      fault(
        `${name.slice(TESTS.length + 1)} > ${test.fullName}`,
        run,
        test.failureMessages[0] ?? `it was ${test.status}`,
      )
    if (status !== 'passed' && failed.length === 0) {
      wrong += 1
      fault(name.slice(TESTS.length + 1), run, message)
    }
  }
  if (code !== 0 && wrong === 0) fault('the run itself', run, `vitest ended with ${code}`)
  console.log(`${run} of ${times}: ${report.numPassedTests} passed, ${wrong} wrong, ${seconds} s`)
}

async function end(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

try {
  for (let run = 1; run <= Number(times); run++) await runOnce(run)
} finally {
  await Promise.all(busy.map(end))
  rmSync(folder, { recursive: true, force: true })
}
for (const [test, { runs, message }] of [...faults].sort(([, a], [, b]) => b.runs.length - a.runs.length))
  console.log(
    `\n${runs.length} of ${times} (${runs.join(', ')}): ${test}\n${message.split('\n').slice(0, 6).join('\n')}`,
  )
console.log(faults.size === 0 ? '\nNothing failed.' : `\n${faults.size} failed at least once.`)
process.exitCode = faults.size === 0 ? 0 : 1
