import { backOffMs, endOfFault, planEnd } from '@wsg/worker/src/session/session-end.ts'
import { describe, expect, it } from 'vitest'

const facts = { savedLogin: true, failures: 0, wasReady: true, stopped: undefined, wanted: true }
const fault = { kind: 'fault', fault: { kind: 'browser_gone', detail: '' } } as const

describe('backOffMs', () => {
  it('is 0, 1 s, 2 s, 4 s and so on, up to 60 s', () => {
    const seconds = [1, 2, 3, 4, 5, 6, 7, 8, 20].map((failures) => backOffMs(failures) / 1_000)
    expect(seconds).toEqual([0, 1, 2, 4, 8, 16, 32, 60, 60])
  })
})

describe('planEnd', () => {
  it('lets a session go on at once after its first fault', () => {
    expect(planEnd(fault, facts)).toEqual({
      publication: { status: 'initializing', reason: 'reconnecting', fields: { failures: '1' } },
      removesProfile: false,
    })
  })

  it('puts it off after more, and gives up after eight', () => {
    expect(planEnd(fault, { ...facts, failures: 3 }).publication).toMatchObject({
      reason: 'restarting',
      wish: 4_000,
      fields: { failures: '4' },
    })
    expect(planEnd(fault, { ...facts, failures: 7 })).toMatchObject({
      publication: { status: 'failed', reason: 'crash_loop', wish: 'drop' },
      removesProfile: false,
    })
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

  it.each(['profile_not_owned', 'foreign_world', 'browser_missing'] as const)(
    'touches no profile after %s',
    (reason) => {
      for (const savedLogin of [true, false]) {
        const plan = planEnd({ kind: 'failed', reason }, { ...facts, savedLogin })
        expect(plan).toMatchObject({ publication: { wish: 'drop', fields: {} }, removesProfile: false })
      }
    },
  )

  it('never takes an unreachable WhatsApp for a crash loop', () => {
    const plan = planEnd({ kind: 'failed', reason: 'whatsapp_unreachable' }, { ...facts, failures: 7 })
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
        publication: { status: 'initializing', fields: {} },
      })
    }
  })
})

describe('endOfFault', () => {
  it('takes a refused login for the end of the session and everything else for a fault', () => {
    expect(endOfFault({ kind: 'auth_failure', detail: '' })).toMatchObject({ kind: 'failed' })
    expect(endOfFault({ kind: 'passkey_required', detail: '' })).toMatchObject({ kind: 'failed' })
    expect(endOfFault({ kind: 'conflict', detail: '' })).toMatchObject({ kind: 'fault' })
  })
})
