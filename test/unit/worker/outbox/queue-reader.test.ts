import type { QueuedMessage } from '@wsg/shared/redis/message/read-queue.ts'
import { Gate } from '@wsg/worker/src/gate.ts'
import { FenceClosed } from '@wsg/worker/src/lease/fence.ts'
import { QueueReader } from '@wsg/worker/src/outbox/queue-reader.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const messageAt = (sequence: number) => ({ id: String(sequence), sequence, isUrgent: false }) as QueuedMessage

/** A send queue in memory, of messages that are named by their place in it. */
function ground(places: number[]) {
  const queue = [...places]
  const taken: number[] = []
  const urgent: number[] = []
  const held: string[] = []
  const reads: { after: number; limit: number }[] = []
  const connected = new Gate()
  connected.open()
  let beforeAnswer: () => void = () => {}
  const messages = {
    async readQueue(place: { after: number; limit: number }) {
      reads.push(place)
      const found = queue.filter((sequence) => sequence > place.after).slice(0, place.limit)
      beforeAnswer()
      return found.map(messageAt)
    },
  }
  const lanes = { excess: 0 }
  const reader = new QueueReader(messages, () => lanes.excess, connected)
  const read = async () => {
    for await (const { id, sequence, isUrgent } of reader.read()) {
      taken.push(sequence)
      held.push(id)
      if (isUrgent) urgent.push(sequence)
    }
  }
  const settle = async () => {
    for (let i = 0; i < 1_000; i++) await Promise.resolve()
  }
  return {
    reader,
    read,
    queue,
    taken,
    urgent,
    reads,
    connected,
    lanes,
    settle,
    whileReading(action: () => void) {
      beforeAnswer = () => {
        beforeAnswer = () => {}
        action()
      }
    },
    finish(count: number) {
      for (const id of held.splice(0, count)) {
        queue.splice(queue.indexOf(Number(id)), 1)
        reader.done(id)
      }
    },
  }
}

const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1)

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

describe('the queue reader', () => {
  it('takes up what waits in its order, and as much as there is room for', async () => {
    const { read, reader, taken, settle } = ground(upTo(300))
    void read()
    await settle()
    expect(taken).toEqual(upTo(200))
    expect(reader.size).toBe(200)
  })

  it('waits for room for several, so that a long queue is read in few round trips', async () => {
    const { read, taken, reads, settle, finish } = ground(upTo(300))
    void read()
    await settle()
    finish(24)
    await settle()
    expect(reads).toHaveLength(1)
    finish(1)
    await settle()
    expect(taken).toEqual(upTo(225))
    expect(reads.at(-1)).toEqual({ after: 200, limit: 25 })
  })

  it('takes up more where many only wait behind others of their chat, within a bound', async () => {
    const { read, reader, lanes, taken, settle } = ground(upTo(3_000))
    void read()
    await settle()
    lanes.excess = 150
    reader.waits()
    await settle()
    expect(taken).toHaveLength(350)
    for (let i = 0; i < 50; i++) {
      lanes.excess = taken.length - 20
      reader.waits()
      await settle()
    }
    expect(taken).toEqual(upTo(2_000))
  })

  it('takes up at once what arrives later', async () => {
    const { read, reader, queue, taken, settle } = ground([1])
    void read()
    await settle()
    queue.push(2)
    reader.lookAgain()
    await settle()
    expect(taken).toEqual([1, 2])
  })

  it('misses nothing that arrives while it reads', async () => {
    const { read, reader, queue, taken, settle, whileReading } = ground([1])
    whileReading(() => {
      queue.push(2)
      reader.lookAgain()
    })
    void read()
    await settle()
    expect(taken).toEqual([1, 2])
  })

  it('finds what it was not told of, within five seconds', async () => {
    const { read, queue, taken, settle } = ground([])
    void read()
    await settle()
    queue.push(1)
    await vi.advanceTimersByTimeAsync(5_000)
    await settle()
    expect(taken).toEqual([1])
  })

  it('after another connection reads from the head, and passes over what it holds', async () => {
    const { read, reader, queue, taken, reads, settle } = ground([5, 6])
    void read()
    await settle()
    // A failover lost what came last: places are given a second time.
    queue.splice(0, 2, 4, 6)
    reader.startOver()
    await settle()
    expect(reads.at(-1)?.after).toBe(0)
    expect(taken).toEqual([5, 6, 4])
  })

  it('reads from the head also where the connection changed while it read', async () => {
    const { read, reader, queue, taken, settle, whileReading } = ground([5, 6])
    whileReading(() => {
      queue.splice(0, 2, 4, 6)
      reader.startOver()
    })
    void read()
    await settle()
    expect(taken).toEqual([5, 6, 4])
  })

  it('reads from the head where it holds nothing', async () => {
    const { read, queue, taken, reads, settle, finish } = ground([7])
    void read()
    await settle()
    finish(1)
    queue.push(3)
    await vi.advanceTimersByTimeAsync(5_000)
    await settle()
    expect([taken, reads.at(-1)?.after]).toEqual([[7, 3], 0])
  })

  it('takes up what was put in front before the rest of the queue, once and as urgent', async () => {
    const { read, reader, taken, urgent, settle, finish } = ground(upTo(400))
    void read()
    await settle()
    reader.putInFront([messageAt(7), messageAt(390), messageAt(395)])
    expect([reader.has('390'), reader.inFront]).toEqual([true, 0])
    await settle()
    expect([taken.slice(200), urgent, reader.inFront]).toEqual([[390, 395], [390, 395], 2])
    finish(200)
    await settle()
    finish(202)
    await settle()
    expect(taken.toSorted((a, b) => a - b)).toEqual(upTo(400))
    expect(reader.inFront).toBe(0)
  })

  it('takes up nothing while WhatsApp is not connected, nor once it is closed', async () => {
    const { read, reader, taken, settle, connected, queue } = ground([1])
    connected.shut()
    const over = read()
    await settle()
    expect(taken).toEqual([])
    connected.open()
    await settle()
    expect(taken).toEqual([1])
    reader.close()
    queue.push(2)
    reader.lookAgain()
    await over
    expect(taken).toEqual([1])
  })

  it('says that the lease was lost while it read', async () => {
    const { read, whileReading } = ground([1])
    whileReading(() => {
      throw new FenceClosed('lost')
    })
    await expect(read()).rejects.toThrow(FenceClosed)
  })
})
