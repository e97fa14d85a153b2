import type { SettledMove } from '@wsg/shared/redis/message/move-message.ts'
import { AckTracker } from '@wsg/worker/src/outbox/ack-tracker.ts'
import { describe, expect, it, vi } from 'vitest'

const settle = async () => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

function setUp() {
  /** What was written with one command. */
  const commands: string[][] = []
  const answers: PromiseWithResolvers<void>[] = []
  const moveMany = (moves: readonly SettledMove[]) => {
    commands.push(moves.map(({ messageId, to }) => `${messageId} ${to}`))
    const answer = Promise.withResolvers<void>()
    answers.push(answer)
    return answer.promise
  }
  const move = async (messageId: string, to: string) => {
    commands.push([`${messageId} ${to}`])
    return true
  }
  const onFailed = vi.fn()
  const acks = new AckTracker({ messages: { move, moveMany }, onFailed })
  return { acks, commands, answers, onFailed }
}

describe('AckTracker', () => {
  it('keeps the acks of an awaited message for whoever waits, the furthest one', async () => {
    const { acks, commands } = setUp()
    acks.open()
    const ack = acks.expect('m')
    expect(ack.state).toBeNull()
    acks.arrived('m', 'delivered')
    acks.arrived('m', 'sent')
    await ack.first
    await settle()
    expect(ack.state).toBe('delivered')
    expect(commands).toEqual([])
  })

  it('writes acks straight away once nobody waits', async () => {
    const { acks, commands } = setUp()
    acks.open()
    const ack = acks.expect('m')
    ack.release()
    acks.arrived('m', 'read')
    acks.failed('refused', { kind: 'refused', code: 475 })
    await settle()
    expect(commands.flat().toSorted()).toEqual(['m read', 'refused failed'])
  })

  it('holds what comes before it is known who waits for what', async () => {
    const { acks, commands } = setUp()
    acks.arrived('awaited', 'sent')
    acks.arrived('other', 'read')
    const ack = acks.expect('awaited')
    await settle()
    expect(commands).toEqual([])
    acks.open()
    await ack.first
    await settle()
    expect(ack.state).toBe('sent')
    expect(commands).toEqual([['other read']])
  })

  it('lets nobody wait for an ack that cannot come any more', async () => {
    const { acks } = setUp()
    const ack = acks.expect('m')
    acks.giveUp()
    await ack.first
    expect(ack.state).toBeNull()
  })

  it('does not call failed what may have left before, whatever becomes of it now', async () => {
    const { acks, commands } = setUp()
    acks.open()
    const again = acks.expect('again', true)
    const first = acks.expect('first')
    for (const id of ['again', 'first']) acks.failed(id, { kind: 'refused', code: 475 })
    await Promise.all([again.settle({}), first.settle({})])
    expect(commands.flat().toSorted()).toEqual(['again unknown', 'first failed'])
  })

  it('names those that wait for too long, and only those without an ack, ever more seldom', () => {
    const { acks } = setUp()
    acks.open()
    acks.expect('acked')
    acks.arrived('acked', 'sent')
    acks.expect('silent')
    const since = performance.now()
    const overdueAfter = (seconds: number) =>
      acks.overdue(since + seconds * 1_000).map(({ messageId }) => messageId)
    expect(overdueAfter(9)).toEqual([])
    expect(overdueAfter(10)).toEqual(['silent'])
    expect([overdueAfter(11), overdueAfter(19)]).toEqual([[], []])
    expect(overdueAfter(20)).toEqual(['silent'])
    expect([overdueAfter(39), overdueAfter(40)]).toEqual([[], ['silent']])
  })

  it('writes what comes in one turn with one command, and what comes meanwhile with the next', async () => {
    const { acks, commands, answers } = setUp()
    acks.open()
    acks.arrived('a', 'delivered')
    acks.arrived('b', 'delivered')
    await settle()
    acks.arrived('c', 'delivered')
    await settle()
    acks.arrived('d', 'read')
    expect(commands).toEqual([['a delivered', 'b delivered']])
    answers[0]?.resolve()
    await settle()
    expect(commands.at(-1)).toEqual(['c delivered', 'd read'])
    let isWritten = false
    const written = acks.written().then(() => {
      isWritten = true
    })
    await settle()
    expect(isWritten).toBe(false)
    answers[1]?.resolve()
    await written
    await acks.written()
    acks.arrived('e', 'read')
    await settle()
    expect(commands.at(-1)).toEqual(['e read'])
  })

  it('says when it cannot write, and goes on with what comes later', async () => {
    const { acks, commands, answers, onFailed } = setUp()
    acks.open()
    acks.arrived('a', 'read')
    await settle()
    answers[0]?.reject(new Error('the lease is lost'))
    await settle()
    expect(onFailed).toHaveBeenCalledTimes(1)
    acks.arrived('b', 'read')
    await settle()
    expect(commands).toHaveLength(2)
  })
})
