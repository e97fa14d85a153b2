import { createLogger } from '@wsg/shared/logger.ts'
import { AckTracker } from '@wsg/worker/src/outbox/ack-tracker.ts'
import { Degradation } from '@wsg/worker/src/outbox/degradation.ts'
import { ackLimits, areAcksMissing } from '@wsg/worker/src/outbox/unacked-sends.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

describe('areAcksMissing', () => {
  const facts = { since: [0, 0, 0], lastAckAt: Number.NEGATIVE_INFINITY, connectedSince: 0, now: 30_000 }

  it.each([
    ['three for thirty seconds', {}, true],
    ['three for a little less', { now: 29_999 }, false],
    ['two for longer', { since: [0, 0], now: 59_999 }, false],
    ['one for a minute', { since: [0], now: 60_000 }, true],
    ['none', { since: [], now: 1_000_000 }, false],
    ['three, of which one is newer', { since: [0, 0, 10_000] }, false],
    ['one for a minute while others were acked', { since: [0], now: 60_000, lastAckAt: 20_000 }, false],
    [
      'three for long, of which the connection lasted only a part',
      { now: 300_000, connectedSince: 280_000 },
      false,
    ],
  ])('judges %s', (_, some, expected) => {
    expect(areAcksMissing({ ...facts, ...some }, ackLimits)).toBe(expected)
  })
})

describe('Degradation', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  function setUp(probe: () => Promise<string> = async () => 'CONNECTED') {
    const acks = new AckTracker({
      messages: { move: async () => true, moveMany: async () => {} },
      onFailed() {},
    })
    acks.open()
    const told: string[] = []
    const degradation = new Degradation({
      acks,
      probe,
      report: (fields, happened) =>
        void told.push(`${happened?.event} ${fields.degraded === '' ? 'off' : 'on'}`),
      onSilent: () => void told.push('silent'),
      onUnacked: () => void told.push('unacked'),
      limits: ackLimits,
      logger: createLogger('test', 'silent'),
    })
    degradation.setConnected(true)
    const pass = (ms: number) => {
      vi.advanceTimersByTime(ms)
      return degradation.check()
    }
    return { acks, told, degradation, pass }
  }

  it('says that sends stay without an ack, and has the browser replaced once where that lasts', () => {
    const { acks, told, degradation, pass } = setUp()
    for (const id of ['a', 'b', 'c']) acks.expect(id)
    expect(pass(29_000)).toBe(false)
    expect(pass(1_000)).toBe(true)
    expect(degradation.isOn).toBe(true)
    pass(59_000)
    expect(told).toEqual(['degraded on'])
    pass(1_000)
    pass(60_000)
    expect(told).toEqual(['degraded on', 'unacked'])
  })

  it('is over with the first ack', () => {
    const { acks, told, degradation, pass } = setUp()
    for (const id of ['a', 'b', 'c']) acks.expect(id)
    pass(30_000)
    vi.advanceTimersByTime(1_000)
    acks.arrived('b', 'sent')
    expect(pass(0)).toBe(true)
    expect(degradation.isOn).toBe(false)
    pass(29_000)
    expect(told).toEqual(['degraded on', 'recovered off'])
  })

  it('is over when nothing is waited for any more, so that sending can go on', () => {
    const { acks, degradation, pass } = setUp()
    const ack = acks.expect('a')
    pass(60_000)
    expect(degradation.isOn).toBe(true)
    ack.release()
    pass(1_000)
    expect(degradation.isOn).toBe(false)
  })

  it('says nothing while WhatsApp is not connected, and gives it time afterwards', () => {
    const { acks, told, degradation, pass } = setUp()
    for (const id of ['a', 'b', 'c']) acks.expect(id)
    degradation.setConnected(false)
    pass(300_000)
    degradation.setConnected(true)
    pass(29_000)
    expect(told).toEqual([])
    pass(1_000)
    expect(told).toEqual(['degraded on'])
  })

  it('does not wait where the page is silent', async () => {
    const { acks, told, pass } = setUp(() => Promise.reject(new Error('no answer')))
    acks.expect('a')
    pass(60_000)
    await new Promise((resolve) => setImmediate(resolve))
    expect(told).toEqual(['degraded on', 'silent'])
  })
})
