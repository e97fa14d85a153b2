import type { PageMessageModel } from '@wsg/worker/src/whatsapp/page/describe-message.ts'
import { pageOf } from '@wsg/worker/src/whatsapp/page/operations/answers.ts'
import { historyOf } from '@wsg/worker/src/whatsapp/page/operations/chat-history.ts'
import { roleOf } from '@wsg/worker/src/whatsapp/page/operations/groups.ts'
import { pageOperations } from '@wsg/worker/src/whatsapp/page/operations/page-operations.ts'
import { afterEach, expect, it, vi } from 'vitest'
import { openFakePage } from './fake-page.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const idOf = (n: number, server: string) => {
  const _serialized = `${n}@${server}`
  return { _serialized, server, isGroup: () => server === 'g.us', isLid: () => server === 'lid' }
}
const described = vi.fn((model: { id: { _serialized: string } }) => model.id._serialized)

/** Runs one page of a list in a page with these collections. @returns how many of its entries were described for it */
async function describedFor(
  name: 'chat.list' | 'contact.list' | 'group.list' | 'channel.list' | 'group.members',
  collections: object,
  subject: object = {},
): Promise<number> {
  described.mockClear()
  const WAWebContactGetters = { getName: () => '', getPushname: () => '', getIsMe: () => false }
  const kit = {
    ...{ pageOf, roleOf, myselfIn: () => ({}), isBlocked: () => false, otherIdentityOf: () => undefined },
    ...{ describeChat: described, describeContact: described, describeGroup: described },
    ...{ describeChannel: described, describeMember: described },
  }
  openFakePage({ WAWebCollections: collections, WAWebContactGetters }, { sessionGatewayKit: kit })
  const { run } = pageOperations[name] as unknown as {
    run(input: object, context: object): Promise<{ output: object }>
  }
  const { output } = await run(
    { limit: 50 },
    { page: window, kit, deadline: Date.now() + 30_000, ...subject },
  )
  expect(output).toMatchObject({ items: { length: 50 }, nextCursor: expect.any(String) })
  return described.mock.calls.length
}

const many = (count: number, server: string, more: object = {}) => ({
  getModelsArray: () => Array.from({ length: count }, (_, n) => ({ id: idOf(n, server), t: n, ...more })),
  get: () => undefined,
})

it.each([
  ['chat.list', { Chat: many(5_000, 'c.us') }],
  ['contact.list', { Contact: many(20_000, 'c.us') }],
  ['group.list', { Chat: many(1_000, 'g.us') }],
  [
    'channel.list',
    {
      WAWebNewsletterCollection: many(1_000, 'newsletter', {
        newsletterMetadata: { membershipType: 'owner' },
      }),
    },
  ],
] as const)('a page of %s makes an answer of its own entries alone', async (name, collections) => {
  expect(await describedFor(name, collections)).toBe(50)
})

it('a page of who is in a group of a thousand makes an answer of its own people alone', async () => {
  const group = { groupMetadata: { participants: many(1_000, 'lid') } }
  expect(await describedFor('group.members', {}, { group })).toBe(50)
})

const MESSAGES = 10_000
const PORTION = 50
/**
 * A chat with a message a second, the newest one last, of which the page has the newest portion in memory.
 * @param onLoad is called as a portion is loaded
 */
function chatWithMessages(onLoad = () => {}) {
  const all = Array.from({ length: MESSAGES }, (_, t) => ({
    ...{ t, type: 'chat', id: { fromMe: t % 2 === 0, toString: () => `key-${t}` } },
  })) as unknown as PageMessageModel[]
  let loaded = PORTION
  const describeMessage = vi.fn(({ t }: PageMessageModel) => t)
  openFakePage(
    {
      WAWebChatLoadMessages: {
        loadEarlierMsgs: async () => {
          onLoad()
          const before = loaded
          loaded = Math.min(MESSAGES, loaded + PORTION)
          return all.slice(MESSAGES - loaded, MESSAGES - before)
        },
      },
    },
    { sessionGatewayKit: { notWritten: [], describeMessage } },
  )
  const chat = { msgs: { getModelsArray: () => all.slice(MESSAGES - loaded) } }
  const read = async (query: object, deadline = Date.now() + 30_000) => {
    const answer = await historyOf(chat as never, { limit: 50, ...query } as never, deadline)
    type Page = { messages: number[]; nextCursor: string | null }
    return (answer as unknown as { output: Page & { foundSoFar?: Page | null } }).output
  }
  return { read, describeMessage, inMemory: () => loaded }
}
const downFrom = (t: number, step = 1) => Array.from({ length: 50 }, (_, n) => t - n * step)

it('the messages of a long chat are found by time, and those behind them by place, and no others are made an answer of', async () => {
  const { read, describeMessage, inMemory } = chatWithMessages()
  expect((await read({})).messages).toEqual(downFrom(9_999))
  expect(inMemory()).toBe(2 * PORTION)
  const old = await read({ before: new Date(5_000_000).toISOString() })
  expect(old.messages).toEqual(downFrom(4_999))
  expect(inMemory()).toBeLessThanOrEqual(5_000 + 2 * PORTION)
  const next = await read({ cursor: old.nextCursor })
  expect(next.messages).toEqual(downFrom(4_949))
  expect((await read({ cursor: next.nextCursor, fromMe: true })).messages).toEqual(downFrom(4_898, 2))
  expect(describeMessage).toHaveBeenCalledTimes(200)
  const end = await read({ before: new Date(50_000).toISOString() })
  expect(end).toEqual({ messages: downFrom(49), nextCursor: null })
})

it('a long search keeps the page for a second at a time, goes on from where it was, and tells what it found so far', async () => {
  vi.useFakeTimers()
  const { read, inMemory } = chatWithMessages(() => vi.setSystemTime(Date.now() + 100))
  const deadline = Date.now() + 30_000
  const before = new Date(8_425_000).toISOString()
  for (const loaded of [550, 1_050, 1_550]) {
    expect(await read({ before }, deadline)).toEqual({ foundSoFar: null })
    expect(inMemory()).toBe(loaded)
  }
  expect((await read({ before }, deadline)).messages).toEqual(downFrom(8_424))
  vi.setSystemTime(deadline - 7_500)
  const few = await read({ before: new Date(7_855_000).toISOString() }, deadline)
  expect(few).toMatchObject({ messages: [7_854, 7_853, 7_852, 7_851, 7_850], nextCursor: '7850_key-7850' })
  const later = new Date(7_370_000).toISOString()
  const foundSoFar = { messages: downFrom(7_369).slice(0, 20), nextCursor: '7350_key-7350' }
  expect(await read({ before: later }, Date.now() + 30_000)).toEqual({ foundSoFar })
  expect((await read({ before: later }, Date.now() + 30_000)).messages).toEqual(downFrom(7_369))
})
