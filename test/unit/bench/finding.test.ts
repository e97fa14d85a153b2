import { expect, it } from 'vitest'
import { type Finding, isMet, verdictOf } from '../../bench/finding.ts'

const finding = (figure: number, budget?: Finding['budget']): Finding => ({
  what: 'a figure',
  ours: '',
  figure,
  unit: '×',
  ...(budget && { budget }),
})

it('calls a budget met exactly at its limit, and says by how much it is missed beyond', () => {
  expect(verdictOf(finding(1.4, { atMost: 1.4 }))).toBe('met')
  expect(verdictOf(finding(1.52, { atMost: 1.4 }))).toBe('missed by 0.12 ×')
  expect(verdictOf(finding(0.5, { atLeast: 0.5 }))).toBe('met')
  expect(verdictOf(finding(0.32, { atLeast: 0.5 }))).toBe('missed by 0.18 ×')
})

it('never calls met what could not be measured', () => {
  expect(isMet(finding(Number.NaN, { atMost: 1.4 }))).toBe(false)
  expect(isMet(finding(Number.NaN, { atLeast: 0.5 }))).toBe(false)
})

it('judges nothing that has no budget', () => {
  expect(isMet(finding(9))).toBe(null)
  expect(verdictOf(finding(9))).toBe('')
})
