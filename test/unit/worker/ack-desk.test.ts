import { AckDesk } from '@wsg/worker/src/sending/ack-desk.ts'
import { describe, expect, it } from 'vitest'

function setUp() {
  const written: string[] = []
  const desk = new AckDesk((id, state) => written.push(`${id} ${state}`))
  return { desk, written }
}

describe('AckDesk', () => {
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

  it('names those that wait for too long, and only those without an ack', () => {
    const { desk } = setUp()
    desk.expect('acked')
    desk.arrived('acked', 'sent')
    desk.expect('silent')
    expect(desk.overdue(-1)).toEqual(['silent'])
    expect(desk.overdue(60_000)).toEqual([])
  })
})
