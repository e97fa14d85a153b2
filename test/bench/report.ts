import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { chromium } from '../support/chromium.ts'
import { budgetOf, type ChapterResult, type Finding, isMet, verdictOf, withUnit } from './finding.ts'

export interface ChapterReport extends ChapterResult {
  name: string
  seconds: number
  /** Load of the machine before and after (mean of a minute). */
  load: [before: number, after: number]
  /** What stopped it, where something did. */
  error?: string
}

export interface Report {
  at: string
  quick: boolean
  machine: Record<string, string | number>
  chapters: ChapterReport[]
}

export function describeMachine(): Report['machine'] {
  const { executablePath } = chromium()
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    redis: /v=(\S+)/.exec(version('redis-server'))?.[1] ?? 'unknown',
    chromium: `${executablePath.split('/').at(-1)} ${/[\d.]{5,}/.exec(version(executablePath))?.[0] ?? ''}`,
  }
}

/** The table, a line for each finding, then the details and the sum of the verdicts. */
export function toText({ chapters, machine, quick }: Report): string {
  const head = ['chapter', 'what', 'ours', 'baseline', 'figure', 'budget', 'verdict', 'remark']
  const rows = chapters.flatMap(({ name, findings, error }) => [
    ...findings.map((finding) => toRow(name, finding)),
    ...(error === undefined
      ? []
      : [[name, 'DID NOT FINISH', '', '', '', '', '', error.split('\n')[0] ?? '']]),
  ])
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)))
  const line = (row: string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd()
  const details = chapters.flatMap(({ details = [] }) => (details.length > 0 ? ['', ...details] : []))
  const loads = chapters.map(({ name, load: [before, after], seconds }) => {
    return `${name} ${seconds.toFixed(0)} s, load ${before.toFixed(1)} → ${after.toFixed(1)}`
  })
  return [
    '',
    line(head),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map(line),
    ...details,
    '',
    Object.entries(machine)
      .map(([name, value]) => `${name} ${value}`)
      .join(' · '),
    loads.join(' · '),
    ...(quick ? ['A quick run: it shows that everything works; its figures say little.'] : []),
    sumUp(chapters),
  ].join('\n')
}

/** True where every budget was met and every chapter came to its end. */
export function allMet(chapters: ChapterReport[]): boolean {
  return chapters.every(
    ({ findings, error }) => error === undefined && findings.every((finding) => isMet(finding) !== false),
  )
}

function toRow(chapter: string, finding: Finding): string[] {
  const { what, ours, baseline = '', figure, unit, note = '' } = finding
  return [chapter, what, ours, baseline, withUnit(figure, unit), budgetOf(finding), verdictOf(finding), note]
}

function sumUp(chapters: ChapterReport[]): string {
  const judged = chapters.flatMap(({ findings }) => findings.filter((finding) => isMet(finding) !== null))
  const missed = judged.filter((finding) => isMet(finding) === false)
  const unfinished = chapters.filter(({ error }) => error !== undefined)
  return [
    `${judged.length - missed.length} of ${judged.length} budgets met`,
    ...missed.map((finding) => `missed: ${finding.what} (${verdictOf(finding)})`),
    ...unfinished.map(({ name }) => `not finished: ${name}`),
  ].join(' · ')
}

function version(program: string): string {
  try {
    return execFileSync(program, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return ''
  }
}
