import { judgeMemory, type MemoryFacts } from '@wsg/worker/src/session/session-memory.ts'
import { describe, expect, it } from 'vitest'

const judge = (facts: Partial<MemoryFacts>) =>
  judgeMemory({
    memoryMb: 200,
    limitMb: 500,
    wasReady: true,
    leftMb: 9_999,
    leastMb: 200,
    idleMs: 60_000,
    recycledBefore: false,
    movesFile: false,
    ...facts,
  })

describe('judgeMemory', () => {
  it('leaves a session alone that is below 80 % of its limit, or has none', () => {
    expect(judge({ memoryMb: 399 })).toBe('fine')
    expect(judge({ memoryMb: 9_999, limitMb: null })).toBe('fine')
  })

  it('has a session at rest let go of memory once, and again whenever it has grown, before anything else is done', () => {
    expect(judge({ leftMb: null })).toBe('let_go')
    expect(judge({ leftMb: null, limitMb: null })).toBe('let_go')
    expect(judge({ memoryMb: 209, leftMb: 200 })).toBe('fine')
    expect(judge({ memoryMb: 210, leftMb: 200 })).toBe('let_go')
    expect(judge({ memoryMb: 460, leftMb: 200 })).toBe('let_go')
    expect(judge({ leftMb: null, idleMs: 2_999 })).toBe('fine')
    expect(judge({ leftMb: null, wasReady: false })).toBe('fine')
    expect(judge({ memoryMb: 501, leftMb: 200 })).toBe('kill')
  })

  it('replaces the browser from 80 % on, once nothing was sent for a while', () => {
    expect(judge({ memoryMb: 400 })).toBe('recycle')
    expect(judge({ memoryMb: 449, idleMs: 0 })).toBe('fine')
    expect(judge({ memoryMb: 449, idleMs: 2_999 })).toBe('fine')
  })

  it('does not replace a browser between 80 and 90 % that was as large from its start', () => {
    expect(judge({ memoryMb: 440, leastMb: 400 })).toBe('fine')
    expect(judge({ memoryMb: 440, leastMb: null })).toBe('fine')
  })

  it('replaces it from 90 % on even while messages wait', () => {
    expect(judge({ memoryMb: 450, idleMs: 0, leastMb: 440 })).toBe('recycle')
  })

  it('counts it where the one before had just been replaced too', () => {
    expect(judge({ memoryMb: 450, recycledBefore: true })).toBe('recycle_again')
    expect(judge({ memoryMb: 449, recycledBefore: true })).toBe('fine')
  })

  it('lets a page pass the peak of its syncing', () => {
    expect(judge({ memoryMb: 500, wasReady: false, leastMb: null })).toBe('fine')
  })

  it('lets a file pass that is under way, unless that is over the limit', () => {
    expect(judge({ memoryMb: 499, movesFile: true })).toBe('fine')
    expect(judge({ memoryMb: 499, movesFile: true, leftMb: null })).toBe('fine')
    expect(judge({ memoryMb: 501, movesFile: true })).toBe('kill')
  })

  it('kills what is over the limit, in any state', () => {
    expect(judge({ memoryMb: 501 })).toBe('kill')
    expect(judge({ memoryMb: 501, wasReady: false })).toBe('kill')
  })
})
