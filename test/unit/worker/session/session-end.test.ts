import { endOfFault, orMemoryFault, planEnd } from '@wsg/worker/src/session/session-end.ts'
import { describe, expect, it } from 'vitest'

const none = { failures: 0, deaths: 0, memoryFaults: 0 }
const facts = { savedLogin: true, inARow: none, wasReady: true, stopped: undefined, wanted: true }
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

  it('puts it off after more, and gives up after eight', () => {
    expect(planEnd(fault, { ...facts, inARow: { ...none, failures: 3 } }).publication).toMatchObject({
      reason: 'restarting',
      wish: 4_000,
      fields: { failures: '4' },
    })
    expect(planEnd(fault, { ...facts, inARow: { ...none, failures: 7 } })).toMatchObject({
      publication: {
        status: 'failed',
        reason: 'crash_loop',
        wish: 'drop',
        happened: { event: 'failed', detail: 'crash_loop' },
      },
      removesProfile: false,
    })
  })

  it('counts memory faults apart from others, and gives up after five', () => {
    const after = (memoryFaults: number) =>
      planEnd(memoryFault, { ...facts, inARow: { ...none, failures: 7, memoryFaults } }).publication
    expect(after(0)).toEqual({
      status: 'initializing',
      reason: 'reconnecting',
      fields: { memoryFaults: '1' },
      happened: { event: 'memory_limit', detail: '530 of 512 MB' },
    })
    expect(after(3)).toMatchObject({ reason: 'restarting', wish: 4_000 })
    expect(after(4)).toMatchObject({ status: 'failed', reason: 'memory_limit', wish: 'drop' })
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

  it.each(['profile_not_owned', 'foreign_world', 'browser_missing', 'crash_loop', 'memory_limit'] as const)(
    'touches no profile after %s',
    (reason) => {
      for (const savedLogin of [true, false]) {
        const plan = planEnd({ kind: 'failed', reason }, { ...facts, savedLogin })
        expect(plan).toMatchObject({ publication: { wish: 'drop', fields: {} }, removesProfile: false })
      }
    },
  )

  it('never takes an unreachable WhatsApp for a crash loop', () => {
    const inARow = { ...none, failures: 7 }
    const plan = planEnd({ kind: 'failed', reason: 'whatsapp_unreachable' }, { ...facts, inARow })
    expect(plan.publication).toMatchObject({ status: 'failed', wish: 32_000, fields: { failures: '7' } })
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
      expect(plan).toMatchObject({ publication: { status: 'initializing' }, removesProfile: false })
    }
  })

  it('counts no fault when a session is handed over or restarted', () => {
    for (const kind of ['handed_over', 'restarted'] as const) {
      expect(planEnd({ kind }, facts)).toMatchObject({
        publication: { status: 'initializing', fields: {}, happened: { event: kind } },
      })
    }
  })

  it('lets a session rest whose owners died', () => {
    expect(planEnd({ kind: 'put_off', delayMs: 2_000 }, facts).publication).toEqual({
      status: 'initializing',
      reason: 'restarting',
      wish: 2_000,
      fields: {},
    })
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
