/** One line of the table: what was measured, against what, and what it may be. */
export interface Finding {
  what: string
  /** The product's own value with its unit, for a person. */
  ours: string
  /** What it is compared with, measured in the same run. */
  baseline?: string
  /** What the budget is about: a ratio (`×`) wherever there is a baseline. */
  figure: number
  unit: '×' | 'ms' | 's' | 'MB' | 'KB' | ''
  budget?: { atMost: number } | { atLeast: number }
  note?: string
}

export interface ChapterResult {
  findings: Finding[]
  /** Lines for who wants to know more; printed below the table. */
  details?: string[]
}

/** What a chapter is told. */
export interface BenchSetting {
  /** Fewer and shorter rounds: shows that everything runs, says little about the figures. */
  quick: boolean
  /** Says how far it has come. */
  note(line: string): void
}

/** @returns null where there is no budget */
export function isMet({ figure, budget }: Finding): boolean | null {
  if (budget === undefined) return null
  return 'atMost' in budget ? figure <= budget.atMost : figure >= budget.atLeast
}

export function verdictOf(finding: Finding): string {
  const { figure, budget, unit } = finding
  if (budget === undefined) return ''
  if (isMet(finding)) return 'met'
  const missedBy = 'atMost' in budget ? figure - budget.atMost : budget.atLeast - figure
  return `missed by ${withUnit(missedBy, unit)}`
}

export function budgetOf({ budget, unit }: Finding): string {
  if (budget === undefined) return ''
  return 'atMost' in budget ? `≤ ${withUnit(budget.atMost, unit)}` : `≥ ${withUnit(budget.atLeast, unit)}`
}

export function withUnit(value: number, unit: Finding['unit']): string {
  const digits = unit === '×' || unit === 's' ? 2 : value !== 0 && Math.abs(value) < 100 ? 1 : 0
  const text = Number.isInteger(value) && unit === '' ? String(value) : value.toFixed(digits)
  return unit === '' ? text : `${text} ${unit}`
}
