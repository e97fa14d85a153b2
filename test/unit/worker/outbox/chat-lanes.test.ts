import { ChatLanes } from '@wsg/worker/src/outbox/chat-lanes.ts'
import { describe, expect, it } from 'vitest'

function setUp() {
  const lanes = new ChatLanes()
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const enter = (chat: string, name: string) =>
    lanes.enter(chat, () => {
      begun.push(name)
      return new Promise((resolve) => ends.set(name, resolve))
    })
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const end = async (name: string) => {
    ends.get(name)?.()
    await turn()
  }
  return { lanes, begun, enter, end, turn }
}

describe('ChatLanes', () => {
  it('runs one at a time per chat, and chats side by side', async () => {
    const { begun, enter, end, turn } = setUp()
    for (const name of ['a1', 'a2', 'b1']) enter(name.charAt(0), name)
    await turn()
    expect(begun).toEqual(['a1', 'b1'])
    await end('a1')
    expect(begun).toEqual(['a1', 'b1', 'a2'])
  })

  it('puts two names of one chat into one lane', async () => {
    const { lanes, begun, enter, end, turn } = setUp()
    lanes.join('number', 'lid')
    enter('lid', '1')
    enter('number', '2')
    await turn()
    expect(begun).toEqual(['1'])
    await end('1')
    expect(begun).toEqual(['1', '2'])
  })

  it('waits for both lanes when two names turn out to be one chat late', async () => {
    const { lanes, begun, enter, end, turn } = setUp()
    enter('number', 'n')
    enter('lid', 'l')
    lanes.join('number', 'lid')
    enter('lid', 'after')
    await turn()
    await end('n')
    expect(begun).toEqual(['n', 'l'])
    await end('l')
    expect(begun).toEqual(['n', 'l', 'after'])
  })

  it('knows three names that were joined in any order', async () => {
    const { lanes, begun, enter, turn } = setUp()
    lanes.join('a', 'b')
    lanes.join('c', 'b')
    lanes.join('a', 'c')
    for (const chat of ['a', 'b', 'c']) enter(chat, chat)
    await turn()
    expect(begun).toEqual(['a'])
  })

  it('counts what waits beyond the first twenty of each lane', async () => {
    const { lanes, enter, end, turn } = setUp()
    for (let n = 0; n < 25; n++) enter('a', `a${n}`)
    for (let n = 0; n < 20; n++) enter('b', `b${n}`)
    expect(lanes.excess).toBe(5)
    lanes.join('a', 'b')
    expect(lanes.excess).toBe(25)
    await turn()
    await end('a0')
    expect(lanes.excess).toBe(24)
  })
})
