import { PageProbe } from '@wsg/worker/src/whatsapp/page-probe.ts'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const silence = () => new Promise(() => {})

function probeThat(ask: () => Promise<unknown>) {
  const onDead = vi.fn()
  const probe = new PageProbe({ everyMs: 100, deadlineMs: 50, misses: 2, ask, onDead })
  probe.start()
  return { probe, onDead }
}

describe('a page probe', () => {
  test('gives a page up after two misses in a row, once', async () => {
    const { onDead } = probeThat(silence)
    await vi.advanceTimersByTimeAsync(299)
    expect(onDead).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(10_000)
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
    await vi.advanceTimersByTimeAsync(260)
    probe.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(onDead).not.toHaveBeenCalled()
  })
})
