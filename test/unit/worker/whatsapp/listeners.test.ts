import { EventEmitter } from 'node:events'
import type { PageMessageModel } from '@wsg/worker/src/whatsapp/page/describe-message.ts'
import { calls } from '@wsg/worker/src/whatsapp/page/listeners/calls.ts'
import { chatChanges, followPresence } from '@wsg/worker/src/whatsapp/page/listeners/chats.ts'
import { guarded, hearCalls, hearNews } from '@wsg/worker/src/whatsapp/page/listeners/hear-news.ts'
import { watchDecryption } from '@wsg/worker/src/whatsapp/page/listeners/messages.ts'
import type { PageNews } from '@wsg/worker/src/whatsapp/page/listeners/page-news.ts'
import type { Wid } from '@wsg/worker/src/whatsapp/page/page-globals.ts'
import { afterEach, expect, test, vi } from 'vitest'
import { openFakePage } from './fake-page.ts'

const told: PageNews[] = []
const kit = {
  tell: (news: PageNews) => told.push(news),
  ...{ guarded, personOf: (id: unknown) => ({ id: String(id) }) },
}
afterEach(() => {
  told.length = 0
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a listener that the page does not take keeps no other from listening, is told once, and tried again', () => {
  let isThere = false
  const listen = vi.fn()
  const late = vi.fn(() => {
    if (!isThere) throw new Error('Requiring unknown module')
  })
  const listeners = { 'hearing late': { listen: late }, 'hearing all': { listen } }
  openFakePage({}, { sessionGatewayListens: new Set(), sessionGatewayKit: { ...kit, listeners } })
  hearNews()
  hearNews()
  isThere = true
  hearNews()
  hearNews()
  expect(told).toEqual([
    { type: 'deaf', listener: 'hearing late', detail: 'Error: Requiring unknown module' },
  ])
  expect([listen.mock.calls.length, late.mock.calls.length]).toEqual([1, 3])
})

test('what a function of the page was given is heard once it has done its work, and no error reaches the page', async () => {
  const done: string[] = []
  const owner = {
    async upsert(what: string): Promise<string> {
      await Promise.resolve()
      done.push(`stored ${what}`)
      return what
    },
  }
  hearCalls(owner, 'upsert', (what: string) => {
    done.push(`heard ${what}`)
    throw new Error('ours')
  })
  expect(await owner.upsert('a')).toBe('a')
  await vi.waitFor(() => expect(done).toEqual(['stored a', 'heard a']))
  expect(() => hearCalls({}, 'upsert', () => {})).toThrow('upsert is no function')
})

test('a message that cannot be read is told at once as that, as undecryptable after 20 s, and as a message when it can', () => {
  vi.useFakeTimers()
  const emitter = new EventEmitter()
  const msg = Object.assign(emitter, {
    ...{ id: 'false_a@c.us_3A01', t: 1_764_405_000, type: 'ciphertext' },
    subtype: undefined as string | undefined,
  })
  const describeMessage = ({ type }: { type: string }) => ({ type })
  openFakePage({}, { sessionGatewayKit: { ...kit, describeMessage, watched: new Set() } })
  watchDecryption(msg as unknown as PageMessageModel)
  watchDecryption(msg as unknown as PageMessageModel)
  vi.advanceTimersByTime(19_000)
  expect(told).toEqual([{ type: 'unreadable', key: 'false_a@c.us_3A01', t: 1_764_405_000 }])
  vi.advanceTimersByTime(2_000)
  expect(told.slice(1)).toEqual([{ type: 'undecryptable', message: { type: 'ciphertext' } }])
  msg.type = 'chat'
  emitter.emit('change:type')
  expect(told.slice(2)).toEqual([{ type: 'message', message: { type: 'chat' }, wasUnreadable: true }])
})

test('presence is asked for of people, while the account shows itself as available, and told as it changes', () => {
  const chatstate: { type?: string } = {}
  const presences = Object.assign(new EventEmitter(), {
    getModelsArray: () => [{ id: 'maria', chatstate }],
    find: vi.fn(async () => {}),
  })
  const Stream = { available: false }
  const modules = {
    WAWebPresenceCollection: { PresenceCollection: presences },
    WAWebStreamModel: { Stream },
  }
  openFakePage(modules, { sessionGatewayKit: kit })
  const wid = (server: string) => ({ server, isLid: () => server === 'lid' }) as Wid
  followPresence(wid('c.us'))
  Stream.available = true
  followPresence(wid('g.us'))
  followPresence(wid('lid'))
  expect(presences.find).toHaveBeenCalledTimes(1)

  chatChanges['hearing presence'].listen()
  for (const type of ['typing', undefined, 'available']) {
    Object.assign(chatstate, { type })
    presences.emit('change:chatstate.type', chatstate)
  }
  expect(told.map((news) => (news.type === 'presence' ? news.state : news.type))).toEqual([
    'typing',
    'available',
  ])
})

test('of calls, the account’s own are left out, and one that it refused says so', () => {
  const collection = Object.assign(new EventEmitter(), { activeCall: null as object | null })
  openFakePage({ WAWebCallCollection: collection }, { sessionGatewayKit: kit })
  calls['hearing calls'].listen()
  const ring = (more: object) => {
    collection.activeCall = { id: 'A1', peerJid: 'maria', getState: () => 3, ...more }
    collection.emit('change:activeCall')
    return collection.activeCall
  }
  ring({ outgoing: true })
  const call = ring({})
  Object.assign(call, { userEndedCall: true })
  collection.activeCall = null
  collection.emit('change:activeCall')
  expect(told.map((news) => (news.type === 'call' ? [news.call.state, news.call.endedByUs] : news))).toEqual([
    [3, false],
    [null, true],
  ])
})
