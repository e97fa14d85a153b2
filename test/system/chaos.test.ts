import { beforeAll, describe, expect, it } from 'vitest'
import { type ChaosResult, runChaos } from '../chaos/chaos-run.ts'
import { compare, type Outcome } from '../chaos/compare.ts'
import { newest } from '../support/tested-builds.ts'

const MESSAGES = 200
const KILLS = 10
const HAPPENINGS = 90
/** What is told whenever it happens, also while nobody listens. */
const KEPT = [
  ...[
    'session.status',
    'session.qr',
    'message',
    'message.any',
    'message.status',
    'message.ack',
    'message.reaction',
  ],
  ...['message.edited', 'message.revoked', 'poll.vote', 'group.join', 'group.leave', 'group.participants'],
  ...['group.update', 'group.request', 'contact.changed'],
]

describe.each(newest)(
  'while workers, browsers, renderers and gateways are killed at random, on the build %s',
  (build) => {
    let result: ChaosResult

    beforeAll(async () => {
      result = await runChaos({
        ...{ messages: MESSAGES, happenings: HAPPENINGS, kills: KILLS, sessions: 2, seed: 1, build },
        ...{ withRedis: false, isMixed: true, moods: { fails: 0.04, dawdles: 0.02, hangs: 0 } },
      })
    })

    it('every message is answered to a caller who repeats it under its key', () => {
      expect(result.answered).toBe(MESSAGES)
      expect(result.kills).toHaveLength(KILLS)
    })

    it('none is lost, and none is said to be failed that went out', () => {
      expect(result.broken).toMatchObject({ lost: [], denied: [] })
      expect(result.states).toMatchObject({ read: expect.any(Number) })
    })

    it('none is on the wire twice', () => {
      expect(result.broken.doubled).toEqual([])
    })

    it('the order of each chat is kept', () => {
      expect(result.broken.outOfOrder).toEqual([])
    })

    it('only those are unknown that were being sent when something of their session was killed', () => {
      expect(result.broken.unexplained).toEqual([])
    })

    it('every event is told by webhooks and in a stream, equally, under one id, in the order of its chat', () => {
      expect(result.events.broken).toEqual({
        unheard: [],
        lost: [],
        unequal: [],
        renamed: [],
        outOfOrder: [],
      })
      expect(Object.keys(result.events.told)).toEqual(expect.arrayContaining(KEPT))
      expect(result.events.duplicates.stream).toBe(0)
    })

    it('each session comes back by itself, and none is given up', () => {
      expect(result.ended).toEqual(['ready', 'ready'])
      expect(result.happened.failed).toBeUndefined()
    })
  },
)

describe('the comparison that judges it', () => {
  const answered = [1, 2].map((n) => ({ session: 'sales', to: '1', text: `text ${n}`, id: `id-${n}` }))
  const arrived = answered.map(({ text, id }) => ({ body: text, id }))
  const outcomes = (state: Outcome['state']) =>
    new Map<string, Outcome>(answered.map(({ id }) => [id, { state, sendingAt: 10_000, unknownAt: 20_000 }]))
  const kept = { lost: [], doubled: [], denied: [], outOfOrder: [], unexplained: [] }

  it('finds nothing where each arrived once and in order', () => {
    expect(compare(answered, outcomes('sent'), arrived, []).broken).toEqual(kept)
  })

  it('finds one that is said to be sent and is not on the wire', () => {
    const { broken } = compare(answered, outcomes('sent'), arrived.slice(1), [])
    expect(broken).toEqual({ ...kept, lost: ['text 1'] })
  })

  it('finds one that was accepted and of which there is no record', () => {
    expect(compare(answered, new Map(), arrived, []).broken.lost).toEqual(['text 1', 'text 2'])
  })

  it.each([
    ['the same id', 'id-1'],
    ['another id', 'id-3'],
  ])('finds one that arrived again under %s', (_, id) => {
    const { broken } = compare(answered, outcomes('sent'), [...arrived, { body: 'text 1', id }], [])
    expect(broken).toEqual({ ...kept, doubled: ['text 1'] })
  })

  it('finds one that overtook another of its chat', () => {
    const { broken } = compare(answered, outcomes('sent'), arrived.toReversed(), [])
    expect(broken).toEqual({ ...kept, outOfOrder: ['text 1'] })
  })

  it('finds one that is said to be failed and is on the wire', () => {
    expect(compare(answered, outcomes('failed'), arrived.slice(1), []).broken.denied).toEqual(['text 2'])
  })

  it.each([
    { session: 'sales', at: 15_000, unexplained: 0 },
    { session: 'sales', at: 21_000, unexplained: 2 },
    { session: 'sales', at: 5_000, unexplained: 2 },
    { session: 'other', at: 15_000, unexplained: 2 },
    { victim: 'redis', session: null, at: 15_000, unexplained: 0 },
  ] as const)(
    'takes a death of $session at $at for an explanation, or not',
    ({ session, at, unexplained, ...more }) => {
      const findings = compare(answered, outcomes('unknown'), arrived.slice(1), [
        { victim: 'worker', session, at, ...more },
      ])
      expect(findings.broken.unexplained).toHaveLength(unexplained)
      expect(findings.unknown).toEqual({ onTheWire: 1, notOnTheWire: 1 })
    },
  )
})
