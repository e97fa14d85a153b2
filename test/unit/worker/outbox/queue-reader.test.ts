import { EventEmitter } from 'node:events'
import type { Envelope } from '@wsg/shared/redis/message/read-queue.ts'
import { Gate } from '@wsg/worker/src/gate.ts'
import { FenceClosed } from '@wsg/worker/src/lease/fence.ts'
import { QueueReader } from '@wsg/worker/src/outbox/queue-reader.ts'
import type { SessionNotifications } from '@wsg/worker/src/session-notifications.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

/** A send queue in memory, of messages that are named by their place in it. */
function ground(places: number[]) {
  const queue = [...places]
  const taken: number[] = []
  const held = new Set<string>()
  const reads: { after: number; limit: number }[] = []
  const connected = new Gate()
  connected.open()
  const notifications: Pick<SessionNotifications, 'emit' | 'eventNames'> = new EventEmitter()
  let beforeAnswer: () => void = () => {}
  const onArrival = vi.fn()
  const intake = new QueueReader({
    notifications: notifications as SessionNotifications,
    messages: {
      async waiting(place) {
        reads.push(place)
        const found = queue.filter((sequence) => sequence > place.after).slice(0, place.limit)
        beforeAnswer()
        return found.map((sequence) => ({ id: String(sequence), sequence }) as Envelope)
      },
    },
    line: {
      get ordinary() {
        return held.size
      },
      has: (id) => held.has(id),
    },
    connected,
    onMessage: ({ id, sequence }) => {
      held.add(id)
      taken.push(sequence)
    },
    onArrival,
  })
  const settle = async () => {
    for (let i = 0; i < 20; i++) await Promise.resolve()
  }
  return {
    intake,
    queue,
    taken,
    held,
    reads,
    connected,
    onArrival,
    settle,
    notifications,
    whileReading(action: () => void) {
      beforeAnswer = () => {
        beforeAnswer = () => {}
        action()
      }
    },
    finish(count: number) {
      for (const id of [...held].slice(0, count)) {
        held.delete(id)
        queue.splice(queue.indexOf(Number(id)), 1)
        intake.roomMade()
      }
    },
  }
}

const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1)

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

describe('the intake', () => {
  it('takes up what waits in its order, and as much as there is room for', async () => {
    const { intake, taken, settle } = ground(upTo(300))
    intake.start()
    await settle()
    expect(taken).toEqual(upTo(200))
  })

  it('waits for room for several, so that a long queue is read in few round trips', async () => {
    const { intake, taken, reads, settle, finish } = ground(upTo(300))
    intake.start()
    await settle()
    finish(24)
    await settle()
    expect(reads).toHaveLength(1)
    finish(1)
    await settle()
    expect(taken).toEqual(upTo(225))
    expect(reads.at(-1)).toEqual({ after: 200, limit: 25 })
  })

  it('takes up at once what arrives later, and says where it is urgent', async () => {
    const { intake, queue, taken, settle, notifications, onArrival } = ground([1])
    intake.start()
    await settle()
    queue.push(2)
    notifications.emit('message')
    await settle()
    expect([taken, onArrival.mock.calls]).toEqual([[1, 2], [[false]]])
    queue.push(3)
    notifications.emit('urgent_message')
    await settle()
    expect([taken, onArrival.mock.calls]).toEqual([
      [1, 2, 3],
      [[false], [true]],
    ])
  })

  it('misses nothing that arrives while it reads', async () => {
    const { intake, queue, taken, settle, notifications, whileReading } = ground([1])
    whileReading(() => {
      queue.push(2)
      notifications.emit('message')
    })
    intake.start()
    await settle()
    expect(taken).toEqual([1, 2])
  })

  it('finds what it was not woken for, within five seconds', async () => {
    const { intake, queue, taken, settle } = ground([])
    intake.start()
    await settle()
    queue.push(1)
    await vi.advanceTimersByTimeAsync(5_000)
    await settle()
    expect(taken).toEqual([1])
  })

  it('after another connection reads from the head, and passes over what it holds', async () => {
    const { intake, queue, taken, reads, settle, notifications } = ground([5, 6])
    intake.start()
    await settle()
    // A failover lost what came last: places are given a second time.
    queue.splice(0, 2, 4, 6)
    notifications.emit('subscribed')
    await settle()
    expect(reads.at(-1)?.after).toBe(0)
    expect(taken).toEqual([5, 6, 4])
  })

  it('reads from the head where it holds nothing', async () => {
    const { intake, queue, taken, reads, settle, finish } = ground([7])
    intake.start()
    await settle()
    finish(1)
    queue.push(3)
    await vi.advanceTimersByTimeAsync(5_000)
    await settle()
    expect([taken, reads.at(-1)?.after]).toEqual([[7, 3], 0])
  })

  it('takes up nothing while WhatsApp is not connected, nor once it is halted', async () => {
    const { intake, taken, settle, connected, queue, notifications } = ground([1])
    connected.shut()
    intake.start()
    await settle()
    expect(taken).toEqual([])
    connected.open()
    await settle()
    expect(taken).toEqual([1])
    await intake.halted()
    queue.push(2)
    notifications.emit('message')
    await settle()
    expect([taken, notifications.eventNames()]).toEqual([[1], []])
  })

  it('ends without a word when the lease is lost while it reads', async () => {
    const { intake, settle, whileReading } = ground([1])
    whileReading(() => {
      throw new FenceClosed('lost')
    })
    intake.start()
    await settle()
    await intake.halted()
  })
})
