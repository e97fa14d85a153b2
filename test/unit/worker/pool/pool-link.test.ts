import { EventEmitter } from 'node:events'
import { connectPool, passStartGate } from '@wsg/worker/src/pool/pool-link.ts'
import { describe, expect, it } from 'vitest'

function setUp() {
  const said: { type: string }[] = []
  const channel = Object.assign(new EventEmitter(), {
    connected: true,
    send: (message: { type: string }) => said.push(message),
  })
  const pool = connectPool(channel as unknown as NodeJS.Process)
  if (pool === null) throw new Error('it found no pool')
  return { pool, channel, types: () => said.map(({ type }) => type) }
}

describe('a worker in a pool', () => {
  it('starts its browser only when the pool says so, and says when that is over', async () => {
    const { pool, channel, types } = setUp()
    let started = false
    const passed = passStartGate(pool, new AbortController().signal, async () => {
      started = true
    })
    expect(types()).toEqual(['start-wanted'])
    expect(started).toBe(false)
    channel.emit('message', { type: 'start' })
    await passed
    expect(started).toBe(true)
    expect(types()).toEqual(['start-wanted', 'start-over'])
  })

  it('says that a failed start is over', async () => {
    const { pool, channel, types } = setUp()
    const passed = passStartGate(pool, new AbortController().signal, () => Promise.reject(new Error('no')))
    channel.emit('message', { type: 'start' })
    await expect(passed).rejects.toThrow('no')
    expect(types()).toEqual(['start-wanted', 'start-over'])
  })

  it('gives its turn back where it no longer wants to start', async () => {
    const { pool, types } = setUp()
    const abort = new AbortController()
    const passed = passStartGate(pool, abort.signal, () => Promise.reject(new Error('it was started')))
    abort.abort()
    await passed
    expect(types()).toEqual(['start-wanted', 'start-over'])
  })

  it('says nothing to a pool that is gone', () => {
    const { pool, channel, types } = setUp()
    channel.connected = false
    pool.tell({ type: 'start-over' })
    expect(types()).toEqual([])
  })
})

it('a worker that no pool forked has none', () => {
  expect(connectPool(new EventEmitter() as unknown as NodeJS.Process)).toBeNull()
})
