import { createLogger } from '@wsg/shared/logger.ts'
import { SessionMachine } from '@wsg/worker/src/session/session-machine.ts'
import type { Publication, SessionPublisher } from '@wsg/worker/src/session/session-publisher.ts'
import { describe, expect, it } from 'vitest'

function setUp(publish: () => Promise<void> = async () => {}) {
  const published: Publication[] = []
  let fenced = 0
  const publisher = {
    publish(publication: Publication) {
      published.push(publication)
      return publish()
    },
  } as unknown as SessionPublisher
  const machine = new SessionMachine(publisher, createLogger('test', 'silent'), () => fenced++)
  return { machine, published, fencedTimes: () => fenced }
}

const account = { account: '5511', pushName: 'Tester' }

describe('SessionMachine', () => {
  it('goes from the code through the scan to ready, and takes the code away again', () => {
    const { machine, published } = setUp()
    machine.begin(false)
    machine.qrShown('code', 7)
    machine.authenticated()
    machine.ready(account)
    expect(published.map(({ status, reason }) => `${status}/${reason}`)).toEqual([
      'initializing/starting',
      'waiting_qr/qr_available',
      'initializing/syncing',
      'ready/connected',
    ])
    expect(published[2]?.fields).toMatchObject({ qr: '', qrExpiresAt: '' })
    expect(published[3]?.fields).toMatchObject({ savedLogin: '1', account: '5511' })
  })

  it('leaves out what the lifecycle does not allow', () => {
    const { machine, published } = setUp()
    machine.ready(account)
    machine.qrShown('code', 7)
    expect(machine.status).toBe('ready')
    expect(published).toHaveLength(1)
  })

  it('comes back from a lost connection only where it lost one', () => {
    const { machine, published } = setUp()
    machine.connectionChanged(false)
    machine.connectionChanged(true)
    expect(published).toHaveLength(0)
    machine.ready(account)
    machine.connectionChanged(false)
    expect(machine).toMatchObject({ status: 'initializing', reason: 'reconnecting' })
    machine.connectionChanged(true)
    expect(machine.status).toBe('ready')
  })

  it('says at once that the browser goes, and shows no code of it any more', () => {
    const { machine, published } = setUp()
    machine.qrShown('code', 7)
    machine.interrupted()
    expect(published.at(-1)).toMatchObject({
      status: 'initializing',
      reason: 'restarting',
      fields: { qr: '', qrExpiresAt: '' },
    })
    machine.ready(account)
    machine.interrupted()
    expect(published.at(-1)).toMatchObject({ status: 'initializing', reason: 'reconnecting' })
    expect(machine.wasReady).toBe(true)
  })

  it('keeps saying pairing_code over rotations of the code for as long as that is valid', () => {
    const { machine } = setUp()
    machine.qrShown('code', 7)
    machine.pairingCodeGiven(Date.now() + 60_000)
    expect(machine.reason).toBe('pairing_code')
    machine.qrShown('code-2', 8)
    expect(machine.reason).toBe('pairing_code')
    machine.pairingCodeGiven(Date.now() - 1)
    machine.qrShown('code-3', 9)
    expect(machine.reason).toBe('qr_available')
  })

  it('lets the lease go with its last word, and says nothing after it', async () => {
    const { machine, published } = setUp()
    machine.ready(account)
    await machine.end({ status: 'stopped', reason: 'operator' })
    expect(published.at(-1)).toMatchObject({ status: 'stopped', release: true })
    machine.close()
    machine.connectionChanged(false)
    machine.report({ memoryMb: '1' })
    expect(published).toHaveLength(2)
  })

  it('raises the alarm where a publication finds the lease gone', async () => {
    const { machine, fencedTimes } = setUp(() => Promise.reject(new Error('fenced')))
    await expect(machine.end({ status: 'stopped', reason: 'operator' })).rejects.toThrow()
    expect(fencedTimes()).toBe(1)
  })

  it('lets whoever waits look at every change, and at the end', async () => {
    const { machine } = setUp()
    const ready = machine.until(() => machine.status === 'ready', 5_000)
    machine.qrShown('code', 7)
    machine.ready(account)
    expect(await ready).toBe(true)
    const never = machine.until(() => false, 60_000)
    machine.close()
    expect(await never).toBe(false)
    expect(await machine.until(() => false, 1)).toBe(false)
  })
})
