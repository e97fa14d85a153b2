import { EventEmitter } from 'node:events'
import { type PageEvent, reportPageEvents } from '@wsg/worker/src/whatsapp/page/page-events.ts'
import type { HandOver } from '@wsg/worker/src/whatsapp/page/page-globals.ts'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openFakePage } from './fake-page.ts'

let messages: EventEmitter
let socket: EventEmitter
let commands: EventEmitter
const refreshQR = vi.fn()
let linking: EventEmitter
let stream: EventEmitter & { available: boolean }
const markUnavailable = vi.fn()
const told: PageEvent[][] = []
const sends = new Map<string, Pick<HandOver, 'isRefused' | 'fails'>>()
const kit = { sends, wantAvailable: 0 }

beforeEach(() => {
  vi.clearAllMocks()
  told.length = 0
  sends.clear()
  messages = new EventEmitter()
  socket = Object.assign(new EventEmitter(), { state: 'UNPAIRED' })
  commands = Object.assign(new EventEmitter(), { refreshQR })
  linking = new EventEmitter()
  stream = Object.assign(new EventEmitter(), { available: true, markUnavailable })
  openFakePage(
    {
      WAWebCollections: { Msg: messages },
      WAWebSocketModel: { Socket: socket },
      WAWebCmd: { Cmd: commands },
      WAWebStreamModel: { Stream: stream },
      WAWebLinkDeviceEvents: { WAWebLinkDeviceEvents: linking },
      WAWebOfflineHandler: { OfflineMessageHandler: { getOfflineDeliveryProgress: () => 40 } },
    },
    { tell: (json: string) => told.push(JSON.parse(json)), sessionGatewayKit: kit },
  )
  reportPageEvents('tell')
  reportPageEvents('tell')
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const ack = (id: string, fromMe: boolean, value: number) =>
  messages.emit('change:ack', { id: { id, fromMe }, body: 'private' }, value)

test('tells the state it finds, once', async () => {
  await Promise.resolve()
  expect(told).toEqual([
    [
      { type: 'offline_delivery', isOver: true },
      { type: 'state', state: 'UNPAIRED' },
    ],
  ])
})

test('tells what happens in one turn together, acks by id and number alone, those of others not', async () => {
  await Promise.resolve()
  told.length = 0
  ack('A', true, 1)
  ack('B', false, 1)
  ack('C', true, -1)
  commands.emit('offline_progress_update_from_bridge')
  await Promise.resolve()
  expect(told).toEqual([
    [
      { type: 'ack', id: 'A', ack: 1 },
      { type: 'send_failure', id: 'C', isRefused: true },
      { type: 'progress', percent: 40 },
    ],
  ])
})

test('tells receipts a moment later, those of several messages together', async () => {
  await Promise.resolve()
  told.length = 0
  vi.useFakeTimers()
  ack('A', true, 2)
  ack('A', true, 3)
  ack('B', true, 1)
  await Promise.resolve()
  ack('B', true, 2)
  expect(told).toEqual([[{ type: 'ack', id: 'B', ack: 1 }]])
  vi.advanceTimersByTime(50)
  expect(told.slice(1)).toEqual([
    [
      { type: 'ack', id: 'A', ack: 2 },
      { type: 'ack', id: 'A', ack: 3 },
      { type: 'ack', id: 'B', ack: 2 },
    ],
  ])
})

test('leaves the failure of what was handed over here to whoever follows it, and its ack ends that', async () => {
  await Promise.resolve()
  told.length = 0
  const [refused, marked, acked] = ['R', 'M', 'A'].map((id) => {
    const send = { isRefused: false, fails: vi.fn() }
    sends.set(id, send)
    return send
  })
  ack('R', true, -1)
  messages.emit('change:isSendFailure', { id: { id: 'M', fromMe: true } }, true)
  messages.emit('change:isSendFailure', { id: { id: 'of an earlier document', fromMe: true } }, true)
  ack('A', true, 1)
  await Promise.resolve()
  expect(refused).toMatchObject({ isRefused: true })
  expect(marked).toMatchObject({ isRefused: false })
  for (const [send, times] of [
    [refused, 1],
    [marked, 1],
    [acked, 0],
  ] as const)
    expect(send?.fails).toHaveBeenCalledTimes(times)
  expect(told).toEqual([[{ type: 'ack', id: 'A', ack: 1 }]])
  expect([...sends.keys()]).toEqual(['R', 'M'])
})

test('tells when what waited at the server is there, and when there is to be more of it', async () => {
  await Promise.resolve()
  told.length = 0
  for (const isOver of [false, false, true]) {
    Object.assign(commands, { isOfflineDeliveryEnd: isOver })
    commands.emit('offline_delivery_end_from_bridge')
  }
  Object.assign(commands, { isOfflineDeliveryEnd: false })
  socket.emit('change:state', socket, 'OPENING')
  await Promise.resolve()
  expect(told).toEqual([
    [
      ...[false, true, false].map((isOver) => ({ type: 'offline_delivery', isOver })),
      { type: 'state', state: 'OPENING' },
    ],
  ])
})

test('refreshes the code of an idle page, but not while a pairing code is shown', () => {
  socket.emit('change:state', socket, 'UNPAIRED_IDLE')
  expect(refreshQR).toHaveBeenCalledTimes(1)
  Object.assign(window, { codeInterval: 7 })
  socket.emit('change:state', socket, 'UNPAIRED_IDLE')
  expect(refreshQR).toHaveBeenCalledTimes(1)
})

test('tells that a passkey is wanted, as soon as the page does', async () => {
  await Promise.resolve()
  told.length = 0
  linking.emit('link_device_events:passkey_prologue_request')
  await Promise.resolve()
  expect(told).toEqual([[{ type: 'passkey' }]])
})

test('has the account shown as available only while an operation wants it', () => {
  expect(markUnavailable).toHaveBeenCalled()
  markUnavailable.mockClear()
  stream.available = false
  stream.emit('change:available')
  expect(markUnavailable).not.toHaveBeenCalled()
  kit.wantAvailable = 1
  stream.available = true
  stream.emit('change:available')
  expect(markUnavailable).not.toHaveBeenCalled()
  kit.wantAvailable = 0
  stream.emit('change:available')
  expect(markUnavailable).toHaveBeenCalledTimes(1)
})

test('attaches every other listener where the page lacks what one listens to, and that one later', async () => {
  const modules: Record<string, unknown> = {
    WAWebSocketModel: { Socket: socket },
    WAWebCmd: { Cmd: commands },
  }
  commands.removeAllListeners()
  openFakePage(modules, {
    tell: (json: string) => told.push(JSON.parse(json)),
    sessionGatewayKit: { sends: new Map(), wantAvailable: 0 },
  })
  reportPageEvents('tell')
  await Promise.resolve()
  told.length = 0
  commands.emit('logout')
  await Promise.resolve()
  expect(told).toEqual([[{ type: 'logout' }]])
  // What a listener of ours asks for is not there either: no error reaches the page.
  expect(() => commands.emit('offline_progress_update_from_bridge')).not.toThrow()
  messages.removeAllListeners()
  modules.WAWebCollections = { Msg: messages }
  reportPageEvents('tell')
  told.length = 0
  ack('A', true, 1)
  commands.emit('logout')
  await Promise.resolve()
  expect(told.flat()).toEqual([{ type: 'ack', id: 'A', ack: 1 }, { type: 'logout' }])
})
