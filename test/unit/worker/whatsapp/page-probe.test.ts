import { PageProbe } from '@wsg/worker/src/whatsapp/page-probe.ts'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const silence = () => new Promise(() => {})

function probeThat(ask: () => Promise<unknown>, excused = () => false) {
  const onDead = vi.fn()
  const probe = new PageProbe({ everyMs: 100, deadlineMs: 50, ask, excused, onDead })
  probe.start()
  return { probe, onDead }
}

describe('a page probe', () => {
  test('gives a page up after two misses in a row, once', async () => {
    const { onDead } = probeThat(silence)
    await vi.advanceTimersByTimeAsync(199)
    expect(onDead).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(onDead).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(onDead).toHaveBeenCalledTimes(1)
  })

  test('gives a page up after one miss where it left something else unanswered', async () => {
    const { probe, onDead } = probeThat(silence)
    await vi.advanceTimersByTimeAsync(20)
    probe.suspect()
    await vi.advanceTimersByTimeAsync(49)
    expect(onDead).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(onDead).toHaveBeenCalledTimes(1)
  })

  test('takes one answer for enough, whatever it was suspected of', async () => {
    const { probe, onDead } = probeThat(async () => 'CONNECTED')
    probe.suspect()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(onDead).not.toHaveBeenCalled()
    probe.stop()
  })

  test('counts no silence that is excused', async () => {
    let isSyncing = true
    const { probe, onDead } = probeThat(silence, () => isSyncing)
    probe.suspect()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(onDead).not.toHaveBeenCalled()
    isSyncing = false
    await vi.advanceTimersByTimeAsync(100)
    expect(onDead).toHaveBeenCalledTimes(1)
  })

  test('bears single misses, and pages that answer with an error', async () => {
    const ask = vi.fn<() => Promise<unknown>>().mockRejectedValue(new Error('the page is loading'))
    ask.mockReturnValueOnce(silence())
    const { probe, onDead } = probeThat(ask)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(ask.mock.calls.length).toBeGreaterThan(3)
    expect(onDead).not.toHaveBeenCalled()
    probe.stop()
  })

  test('is silent once it is stopped', async () => {
    const { probe, onDead } = probeThat(silence)
    await vi.advanceTimersByTimeAsync(160)
    probe.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(onDead).not.toHaveBeenCalled()
  })
})
