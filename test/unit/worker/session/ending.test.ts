import {
  endAfterDeath,
  endOfFault,
  orLeaving,
  orMemoryFault,
  planEnd,
  restMs,
} from '@wsg/worker/src/session/ending.ts'
import { describe, expect, it } from 'vitest'

const none = { failures: 0, deaths: 0, memoryFaults: 0 }
const facts = {
  savedLogin: true,
  isUnlinked: false,
  inARow: none,
  heavy: null,
  uploading: null,
  wasReady: true,
  hasSent: false,
  stopped: undefined,
  restriction: undefined,
  restrictedSince: undefined,
  nowMs: 5_000,
  wanted: true,
}
const fault = { kind: 'fault', fault: { kind: 'browser_gone', detail: 'SIGKILL' } } as const
const memoryFault = { kind: 'fault', fault: { kind: 'memory_limit', detail: '530 of 512 MB' } } as const

describe('planEnd', () => {
  it('lets a session go on at once after its first fault', () => {
    expect(planEnd(fault, facts)).toEqual({
      publication: {
        status: 'initializing',
        reason: 'reconnecting',
        fields: { failures: '1' },
        happened: { event: 'browser_gone', detail: 'SIGKILL' },
      },
      removesProfile: false,
    })
  })

  it('lets it rest after more, and calls it a loop after eight', () => {
    const after = (failures: number, more = {}) =>
      planEnd(fault, { ...facts, ...more, inARow: { ...none, failures } }).publication
    const plans = [1, 3, 6, 7, 9, 10, 50].map((failures) => after(failures))
    expect(plans.map(({ status, reason, wish }) => [status, reason, wish])).toEqual([
      ['initializing', 'restarting', 1_000],
      ['initializing', 'restarting', 4_000],
      ['initializing', 'restarting', 32_000],
      ['initializing', 'crash_loop', 64_000],
      ['initializing', 'crash_loop', 256_000],
      ['initializing', 'crash_loop', 300_000],
      ['initializing', 'crash_loop', 300_000],
    ])
    expect(after(7)).toMatchObject({ fields: { failures: '8' }, happened: { event: 'browser_gone' } })
    expect(after(7, { savedLogin: false })).toMatchObject({
      status: 'failed',
      reason: 'crash_loop',
      wish: 'drop',
      happened: { event: 'failed', detail: 'crash_loop' },
    })
  })

  it('begins a new row with the fault of a session that had sent', () => {
    const plan = planEnd(fault, { ...facts, hasSent: true, inARow: { ...none, failures: 7 } })
    expect(plan.publication).toMatchObject({ reason: 'reconnecting', fields: { failures: '1' } })
    expect(plan.publication.wish).toBeUndefined()
  })

  it('counts memory faults apart from others, and calls them a loop after five', () => {
    const after = (memoryFaults: number, more = {}) =>
      planEnd(memoryFault, { ...facts, ...more, inARow: { ...none, failures: 7, memoryFaults } }).publication
    expect(after(0)).toEqual({
      status: 'initializing',
      reason: 'reconnecting',
      fields: { memoryFaults: '1' },
      happened: { event: 'memory_limit', detail: '530 of 512 MB' },
    })
    expect(after(3)).toMatchObject({ reason: 'restarting', wish: 4_000 })
    expect(after(4)).toMatchObject({ status: 'initializing', reason: 'memory_limit', wish: 8_000 })
    expect(after(4, { hasSent: true })).toMatchObject({ reason: 'memory_limit' })
    expect(after(4, { savedLogin: false })).toMatchObject({ status: 'failed', wish: 'drop' })
  })

  it('counts no fault when a browser is replaced for its size, unless the one before was too', () => {
    const plan = (again: boolean) =>
      planEnd({ kind: 'recycled', again, detail: '470 of 512 MB' }, facts).publication
    expect(plan(false)).toEqual({
      status: 'initializing',
      reason: 'recycling',
      fields: { recycled: '1' },
      happened: { event: 'recycled', detail: '470 of 512 MB' },
    })
    expect(plan(true)).toMatchObject({ fields: { memoryFaults: '1' }, happened: { event: 'memory_limit' } })
  })

  it('remembers the message whose file was under way when it went over its limit, and how often in a row it was', () => {
    const fieldsAfter = (uploading: string | null, faults: number) =>
      planEnd(memoryFault, { ...facts, uploading, heavy: { messageId: 'A', faults } }).publication.fields
    expect(fieldsAfter('A', 2)).toEqual({ memoryFaults: '1', heavyMessage: 'A', heavyFaults: '3' })
    expect(fieldsAfter('B', 2)).toEqual({ memoryFaults: '1', heavyMessage: 'B', heavyFaults: '1' })
    expect(fieldsAfter(null, 2)).toEqual({ memoryFaults: '1' })
    expect(planEnd(fault, { ...facts, uploading: 'A' }).publication.fields).toEqual({ failures: '1' })
  })

  it('never tells what an unknown error said of itself', () => {
    const unknown = { kind: 'fault', fault: { kind: 'unexpected', detail: 'to 5511999887766' } } as const
    expect(planEnd(unknown, facts).publication.happened).toEqual({ event: 'unexpected' })
  })

  it.each(['qr_expired', 'logged_out', 'auth_failure', 'passkey_required'] as const)(
    'forgets the login and the profile after %s',
    (reason) => {
      expect(planEnd({ kind: 'failed', reason }, facts)).toMatchObject({
        publication: { status: 'failed', reason, wish: 'drop', fields: { savedLogin: '' } },
        removesProfile: true,
      })
    },
  )

  it('throws a login away when WhatsApp confirmed that it is logged out, and keeps it for another attempt when not', () => {
    const stopped = (reason: string, fields: object) => ({
      status: 'stopped',
      reason,
      wish: 'drop',
      fields: { stopped: reason, ...fields },
      happened: { event: 'stopped', detail: reason },
    })
    expect(planEnd({ kind: 'logout' }, { ...facts, isUnlinked: true })).toEqual({
      publication: stopped('unlinked', { savedLogin: '' }),
      removesProfile: true,
    })
    expect(planEnd({ kind: 'logout' }, facts)).toEqual({
      publication: stopped('logout_unconfirmed', {}),
      removesProfile: false,
    })
  })

  it.each(['profile_not_owned', 'foreign_world', 'browser_missing'] as const)(
    'touches no profile after %s',
    (reason) => {
      for (const savedLogin of [true, false]) {
        const plan = planEnd({ kind: 'failed', reason }, { ...facts, savedLogin })
        expect(plan).toMatchObject({ publication: { wish: 'drop', fields: {} }, removesProfile: false })
      }
    },
  )

  it.each([
    ['account_blocked', 900_000],
    ['proxy_blocked', 60_000],
  ] as const)('says since when %s has lasted, and tries it again after a long rest', (reason, rest) => {
    const end = { kind: 'unusable', reason, detail: '' } as const
    expect(endOfFault({ kind: reason, detail: '' })).toEqual(end)
    expect(planEnd(end, facts).publication).toMatchObject({
      status: 'initializing',
      reason,
      wish: rest,
      fields: { restriction: reason, restrictedSince: '5000' },
      happened: { event: reason },
    })
    const again = planEnd(end, { ...facts, restriction: reason, restrictedSince: '1000' })
    expect(again.publication.fields).toMatchObject({ restriction: reason, restrictedSince: '1000' })
  })

  it.each([
    ['proxy_unreachable', 2_000],
    ['proxy_refused', 60_000],
  ] as const)('gives %s as the reason, and tries the proxy again after a rest', (reason, rest) => {
    const end = endOfFault({ kind: reason, detail: 'answered 407' }) as Parameters<typeof planEnd>[0]
    expect(planEnd(end, facts).publication).toMatchObject({ status: 'initializing', reason, wish: rest })
    expect(planEnd(end, { ...facts, savedLogin: false }).publication).toMatchObject({
      status: 'failed',
      reason,
    })
  })

  it('tries a page that lacks what a login needs again after a minute, and says what it lacks', () => {
    const detail = 'WhatsApp Web lacks WAWebCmd.Cmd.on'
    const end = { kind: 'unusable', reason: 'page_unsupported', detail } as const
    expect(endOfFault({ kind: 'page_unsupported', detail })).toEqual(end)
    expect(planEnd(end, facts).publication).toMatchObject({
      reason: 'page_unsupported',
      wish: 60_000,
      happened: { event: 'page_unsupported', detail },
    })
    expect(planEnd(end, { ...facts, savedLogin: false }).publication).toMatchObject({
      status: 'failed',
      reason: 'page_unsupported',
    })
  })

  it('tries an unreachable WhatsApp again, at once never, where a login is saved', () => {
    const unreachable = { kind: 'unusable', reason: 'whatsapp_unreachable' } as const
    const after = (failures: number) =>
      planEnd({ ...unreachable, detail: '' }, { ...facts, inARow: { ...none, failures } }).publication
    expect(after(0)).toMatchObject({
      status: 'initializing',
      reason: 'whatsapp_unreachable',
      wish: 1_000,
      fields: { failures: '1' },
      happened: { event: 'whatsapp_unreachable' },
    })
    expect(after(30)).toMatchObject({ reason: 'whatsapp_unreachable', wish: 300_000 })
    expect(planEnd({ ...unreachable, detail: '' }, { ...facts, savedLogin: false })).toMatchObject({
      publication: { status: 'failed', reason: 'whatsapp_unreachable', wish: 'drop' },
      removesProfile: true,
    })
  })

  it('says why nobody wants the session', () => {
    const reasons = [undefined, 'operator', 'idle'].map(
      (stopped) => planEnd({ kind: 'stopped' }, { ...facts, stopped, wanted: false }).publication.reason,
    )
    expect(reasons).toEqual(['operator', 'operator', 'idle'])
  })

  it('lets a session go on that was asked for again while it was being stopped', () => {
    for (const savedLogin of [true, false]) {
      const plan = planEnd({ kind: 'stopped' }, { ...facts, savedLogin })
      expect(plan).toMatchObject({
        publication: { status: 'initializing', happened: { event: 'restarted' } },
        removesProfile: false,
      })
    }
  })

  it('counts no fault when a session is handed over or restarted', () => {
    for (const kind of ['handed_over', 'restarted'] as const) {
      expect(planEnd({ kind }, facts)).toMatchObject({
        publication: { status: 'initializing', fields: {}, happened: { event: kind } },
      })
    }
  })

  it('lets a session rest whose owners died, and calls it a loop after eight', () => {
    const after = (deaths: number, savedLogin = true) =>
      planEnd({ kind: 'rests', row: 'deaths' }, { ...facts, savedLogin, inARow: { ...none, deaths } })
        .publication
    expect(after(3)).toEqual({ status: 'initializing', reason: 'restarting', wish: 2_000, fields: {} })
    expect(after(8)).toMatchObject({ status: 'initializing', reason: 'crash_loop', wish: 64_000 })
    expect(after(8, false)).toMatchObject({ status: 'failed', reason: 'crash_loop', wish: 'drop' })
  })
})

describe('restMs', () => {
  it('is 0, 1 s, 2 s, 4 s and so on, up to 5 minutes', () => {
    const seconds = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 100].map((inARow) => restMs(inARow) / 1_000)
    expect(seconds).toEqual([0, 0, 1, 2, 4, 8, 16, 32, 64, 256, 300, 300])
  })
})

describe('endAfterDeath', () => {
  it('goes on at once after the death of one owner', () => {
    expect(endAfterDeath({ ...none, deaths: 1 })).toBeNull()
    expect(endAfterDeath({ ...none, memoryFaults: 1 })).toBeNull()
  })

  it('lets it rest after more, for what went wrong more often', () => {
    expect(endAfterDeath({ ...none, deaths: 3 })).toEqual({ kind: 'rests', row: 'deaths' })
    expect(endAfterDeath({ ...none, deaths: 2, memoryFaults: 4 })).toEqual({
      kind: 'rests',
      row: 'memoryFaults',
    })
  })

  it('does not count faults that an owner lived to tell', () => {
    expect(endAfterDeath({ ...none, failures: 20, deaths: 1 })).toBeNull()
  })
})

describe('endOfFault', () => {
  it('takes a refused login for the end of the session and everything else for a fault', () => {
    expect(endOfFault({ kind: 'auth_failure', detail: '' })).toMatchObject({ kind: 'failed' })
    expect(endOfFault({ kind: 'passkey_required', detail: '' })).toMatchObject({ kind: 'failed' })
    expect(endOfFault({ kind: 'conflict', detail: '' })).toMatchObject({ kind: 'fault' })
  })
})

describe('orMemoryFault', () => {
  it.each(['browser_gone', 'page_crashed'] as const)(
    'tells a kernel that killed from a crash: %s',
    (kind) => {
      const crash = { kind: 'fault', fault: { kind, detail: '' } } as const
      expect(orMemoryFault(crash, () => true)).toMatchObject({ fault: { kind: 'memory_limit' } })
      expect(orMemoryFault(crash, () => false)).toBe(crash)
    },
  )

  it('blames nothing else on it', () => {
    for (const end of [
      { kind: 'fault', fault: { kind: 'conflict', detail: '' } },
      { kind: 'stopped' },
    ] as const) {
      expect(orMemoryFault(end, () => true)).toBe(end)
    }
  })
})

describe('an ownership that is to log out', () => {
  const endsAs = (end: Parameters<typeof orLeaving>[0]) => [
    orLeaving(end, 'logout').kind,
    orLeaving(end, 'deleted').kind,
  ]

  it('goes on with that elsewhere, or under another browser', () => {
    expect(endsAs({ kind: 'handed_over' })).toEqual(['handed_over', 'handed_over'])
    expect(endsAs({ kind: 'fenced' })).toEqual(['fenced', 'fenced'])
    expect(endsAs({ kind: 'restarted' })).toEqual(['restarted', 'deleted'])
  })

  it('tries it no more after a fault', () => {
    for (const end of [fault, { kind: 'unusable', reason: 'whatsapp_unreachable', detail: '' }] as const)
      expect(endsAs(end)).toEqual(['logout', 'deleted'])
  })

  it('is over where the phone was first, and says what a person has to do before it', () => {
    expect(endsAs({ kind: 'failed', reason: 'logged_out' })).toEqual(['logout', 'deleted'])
    expect(endsAs({ kind: 'failed', reason: 'profile_not_owned' })).toEqual(['failed', 'deleted'])
  })
})
