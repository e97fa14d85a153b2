import { createLogger } from '@wsg/shared/logger.ts'
import { AckTracker } from '@wsg/worker/src/outbox/ack-tracker.ts'
import { type AckFacts, AckWatch, ackLimits, judgeAcks } from '@wsg/worker/src/outbox/ack-watch.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const SECOND = 1_000

describe('judgeAcks', () => {
  const facts: AckFacts = {
    since: [0, 0, 0],
    lastAckAt: Number.NEGATIVE_INFINITY,
    connectedSince: 0,
    now: 30 * SECOND,
    wasDegraded: false,
    restarts: 0,
  }
  const one = { since: [0] }
  const acked = { lastAckAt: 20 * SECOND }
  const fine = { isDegraded: false, isInDoubt: false, mustReplace: false }
  const degraded = { ...fine, isDegraded: true }
  const inDoubt = { ...degraded, isInDoubt: true }
  const hopeless = { ...inDoubt, mustReplace: true }

  it.each([
    ['none', { since: [], now: 1_000 * SECOND }, fine],
    ['three for thirty seconds', {}, inDoubt],
    ['three for a little less', { now: 30 * SECOND - 1 }, fine],
    ['three, of which one is newer', { since: [0, 0, 10 * SECOND] }, fine],
    ['two for longer', { since: [0, 0], now: 60 * SECOND - 1 }, fine],
    ['one for a minute', { ...one, now: 60 * SECOND }, inDoubt],
    ['three for a minute and a half', { now: 90 * SECOND }, hopeless],
    ['one for a minute and a half', { ...one, now: 90 * SECOND }, inDoubt],
    ['one for almost ten minutes', { ...one, now: 600 * SECOND - 1 }, inDoubt],
    ['one for ten minutes, and none acked all the while', { ...one, now: 600 * SECOND }, hopeless],
    ['one for a minute while others are acked', { ...one, ...acked, now: 60 * SECOND }, degraded],
    ['three for hours while others are acked', { ...acked, now: 10_000 * SECOND }, degraded],
    [
      'one for hours, and two that followed the last ack',
      { since: [0, 100 * SECOND, 100 * SECOND], lastAckAt: 99 * SECOND, now: 1_000 * SECOND },
      hopeless,
    ],
    [
      'one of the last for half a minute',
      { since: [0, 50 * SECOND], lastAckAt: 49 * SECOND, now: 80 * SECOND },
      inDoubt,
    ],
    ['fewer than when it began', { since: [0], wasDegraded: true }, inDoubt],
    ['newer ones than when it began', { since: [1], wasDegraded: true }, fine],
    [
      'three for long, of which the connection lasted only a part',
      { now: 300 * SECOND, connectedSince: 280 * SECOND },
      fine,
    ],
    [
      'one, in a browser that follows one without acks',
      { ...one, restarts: 1, now: 10 * SECOND },
      { ...fine, isInDoubt: true },
    ],
    ['the same for a minute and a half', { ...one, restarts: 1, now: 90 * SECOND }, hopeless],
  ] satisfies [string, Partial<AckFacts>, object][])('judges %s', (_, some, expected) => {
    const verdict = judgeAcks({ ...facts, ...some }, ackLimits)
    expect(verdict).toEqual(expected)
  })
})

describe('AckWatch', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  function setUp(restarts = 0) {
    const acks = new AckTracker({
      messages: { move: async () => true, moveMany: async () => {} },
      onFailed() {},
    })
    acks.open()
    const told: string[] = []
    const settings = {
      unackedRestarts: restarts,
      forgetUnackedRestarts() {
        settings.unackedRestarts = 0
      },
    }
    const watch = new AckWatch({
      acks,
      settings,
      report: (fields, happened) =>
        void told.push(`${happened?.event} ${fields.degraded === '' ? 'off' : 'on'}`),
      onUnacked: (_, restarts) => void told.push(`unacked after ${restarts}`),
      limits: ackLimits,
      logger: createLogger('test', 'silent'),
    })
    watch.setConnected(true)
    const pass = (seconds: number) => {
      for (let n = 0; n < seconds; n++) {
        vi.advanceTimersByTime(SECOND)
        watch.check()
      }
    }
    const ack = (messageId: string) => {
      acks.arrived(messageId, 'sent')
      watch.check()
    }
    return { acks, told, watch, pass, ack }
  }

  it('holds nobody up for one recipient: the next message is tried, and with its ack all others go', () => {
    const { acks, told, watch, pass, ack } = setUp()
    acks.expect('stuck')
    pass(59)
    expect([told, watch.allows(16)]).toEqual([[], true])
    pass(1)
    expect(told).toEqual(['degraded on'])
    expect([watch.allows(1), watch.allows(2)]).toEqual([true, false])
    acks.expect('next')
    ack('next')
    expect(watch.allows(16)).toBe(true)
    pass(3_600)
    expect(told).toEqual(['degraded on'])
    expect(watch.allows(16)).toBe(true)
  })

  it('tries one message a minute where none is acked, and has the browser replaced once after the third', () => {
    const { acks, told, watch, pass } = setUp()
    acks.expect('first')
    pass(60)
    acks.expect('second')
    expect(watch.allows(2)).toBe(false)
    pass(60)
    expect(watch.allows(2)).toBe(true)
    acks.expect('third')
    pass(29)
    expect(told).toEqual(['degraded on'])
    pass(100)
    expect(told).toEqual(['degraded on', 'unacked after 0'])
  })

  it('is over when nothing waits for long any more', () => {
    const { acks, told, watch, pass, ack } = setUp()
    for (const id of ['a', 'b', 'c']) acks.expect(id)
    pass(30)
    expect(watch.allows(3)).toBe(false)
    ack('b')
    expect([told, watch.allows(3)]).toEqual([['degraded on'], true])
    ack('a')
    ack('c')
    expect(told).toEqual(['degraded on', 'recovered off'])
  })

  it('is over when what was waited for turns out not to have been sent', () => {
    const { acks, told, pass } = setUp()
    const awaited = acks.expect('a')
    pass(60)
    awaited.release()
    pass(1)
    expect(told).toEqual(['degraded on', 'recovered off'])
  })

  it('says nothing while WhatsApp is not connected, and gives it time afterwards', () => {
    const { acks, told, watch, pass } = setUp()
    for (const id of ['a', 'b', 'c']) acks.expect(id)
    watch.setConnected(false)
    pass(300)
    watch.setConnected(true)
    pass(29)
    expect(told).toEqual([])
    pass(1)
    expect(told).toEqual(['degraded on'])
  })

  it('lets a browser that follows one without acks show with one message that it gets some', () => {
    const { acks, told, watch, pass, ack } = setUp(2)
    expect([watch.allows(0), watch.allows(1)]).toEqual([true, false])
    acks.expect('a')
    pass(60)
    expect([watch.allows(1), watch.allows(2)]).toEqual([true, false])
    acks.expect('b')
    ack('b')
    expect(watch.allows(16)).toBe(true)
    expect(told).toEqual(['degraded on'])
  })

  it('has such a browser replaced after a minute and a half without any ack', () => {
    const { acks, told, pass } = setUp(2)
    acks.expect('a')
    pass(100)
    expect(told).toEqual(['degraded on', 'unacked after 2'])
  })
})
