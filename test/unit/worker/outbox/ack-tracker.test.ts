import { AckTracker } from '@wsg/worker/src/outbox/ack-tracker.ts'
import { describe, expect, it } from 'vitest'

function setUp() {
  const written: string[] = []
  const desk = new AckTracker((id, state) => written.push(`${id} ${state}`))
  desk.open()
  return { desk, written }
}

describe('AckTracker', () => {
  it('keeps the acks of an awaited message for whoever waits, the furthest one', async () => {
    const { desk, written } = setUp()
    const ack = desk.expect('m')
    expect(ack.state).toBeNull()
    desk.arrived('m', 'delivered')
    desk.arrived('m', 'sent')
    await ack.first
    expect(ack.state).toBe('delivered')
    expect(written).toEqual([])
  })

  it('writes acks straight away once nobody waits', () => {
    const { desk, written } = setUp()
    const ack = desk.expect('m')
    ack.release()
    desk.arrived('m', 'read')
    desk.arrived('other', 'sent')
    expect(written).toEqual(['m read', 'other sent'])
  })

  it('holds what comes before it is known who waits for what', async () => {
    const written: string[] = []
    const desk = new AckTracker((id, state) => written.push(`${id} ${state}`))
    desk.arrived('awaited', 'sent')
    desk.arrived('other', 'read')
    const ack = desk.expect('awaited')
    expect(written).toEqual([])
    desk.open()
    await ack.first
    expect(ack.state).toBe('sent')
    expect(written).toEqual(['other read'])
  })

  it('lets nobody wait for an ack that cannot come any more', async () => {
    const { desk } = setUp()
    const ack = desk.expect('m')
    desk.giveUp()
    await ack.first
    expect(ack.state).toBeNull()
  })

  it('names those that wait for too long, and only those without an ack', () => {
    const { desk } = setUp()
    desk.expect('acked')
    desk.arrived('acked', 'sent')
    desk.expect('silent')
    expect(desk.overdue(-1)).toEqual(['silent'])
    expect(desk.overdue(60_000)).toEqual([])
  })
})
