import type { Check, Examined, Finding } from './check.ts'
import { machineChecks } from './machine-checks.ts'
import { redisChecks } from './redis-checks.ts'

const checks: readonly Check[] = [...redisChecks, ...machineChecks]

export type Report = (Finding & { name: string })[]

/** Everything that is looked at, in the order in which it is told. */
export async function examine(examined: Examined): Promise<Report> {
  return await Promise.all(checks.map(async ({ name, run }) => ({ name, ...(await run(examined)) })))
}

const MARKS = { ok: '✓', unknown: '–', warning: '!', failed: '✗' } as const

export function toText(report: Report): string {
  return report
    .map((finding) => {
      const line = `${MARKS[finding.state]} ${finding.name}: ${finding.found}`
      if (!('cause' in finding)) return line
      return `${line}\n    Cause: ${finding.cause}\n    Cure:  ${finding.cure}`
    })
    .join('\n')
}
