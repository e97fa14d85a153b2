import type { HandOver } from '@wsg/worker/src/whatsapp/page/page-globals.ts'
import { guardHandOver } from '@wsg/worker/src/whatsapp/page/sending/guard-hand-over.ts'
import { takeOver } from '@wsg/worker/src/whatsapp/page/sending/take-over.ts'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { msgKeyClass, openFakePage } from './fake-page.ts'

const MsgKey = msgKeyClass('$1')
type Message = { id: object; from: string; to: string; type?: string; sessionGateway?: HandOver }
type Given = Message | Promise<Message>

let action: {
  addAndSendMsgToChat: (chat: object, message: Given, ...others: unknown[]) => Promise<unknown>[]
}
const stock = vi.fn((_chat: object, message: Given, ..._others: unknown[]) => [
  Promise.resolve(message),
  Promise.resolve('OK'),
])
const socket = { state: 'CONNECTED' }
const forwards: { chatId: string; type: string; handOver: HandOver }[] = []
const followSend = vi.fn(async (_handOver: HandOver, _promises: Promise<unknown>) => {})

beforeEach(() => {
  stock.mockClear()
  followSend.mockClear()
  socket.state = 'CONNECTED'
  forwards.length = 0
  action = { addAndSendMsgToChat: stock }
  openFakePage(
    { WAWebMsgKey: MsgKey, WAWebSendMsgChatAction: action, WAWebSocketModel: { Socket: socket } },
    { sessionGatewayKit: { followSend, takeOver, forwards } },
  )
  guardHandOver()
})
afterEach(() => {
  vi.unstubAllGlobals()
})

const message = (sessionGateway?: HandOver): Message => ({
  id: new MsgKey({ from: 'me', to: 'ann', id: 'MADE-BY-PAGE' }),
  from: 'me',
  to: 'ann',
  ...(sessionGateway && { sessionGateway }),
})
const handOver = (deadline: number): HandOver => ({
  ...{ chosenId: 'CHOSEN', chatId: 'ann', fullId: 'true_ann_CHOSEN', deadline },
  ...{ stage: 'waiting', isRefused: false },
})

describe('the hand-over', () => {
  test('gives the message its chosen id and leaves no trace of us in it', async () => {
    const marker = handOver(Date.now() + 30_000)
    const promises = action.addAndSendMsgToChat({}, message(marker))
    const handed = await promises[0]
    expect(handed).toEqual({ id: expect.anything(), from: 'me', to: 'ann' })
    expect(String((handed as Message).id)).toBe('true_ann_CHOSEN')
    expect(marker.stage).toBe('handed_over')
    const [followed, given] = followSend.mock.calls[0] ?? []
    expect(followed).toBe(marker)
    expect(await given).toBe(promises)
  })

  test('hands on all that it is given, also for a message that is only promised', async () => {
    const [chat, callback] = [{}, () => {}]
    const marker = handOver(Date.now() + 30_000)
    const promises = action.addAndSendMsgToChat(chat, Promise.resolve(message(marker)), callback)
    expect(stock).toHaveBeenCalledWith(chat, expect.any(Promise), callback)
    expect(marker.stage).toBe('waiting')
    const handed = (await stock.mock.calls[0]?.[1]) as Message
    expect(String(handed.id)).toBe('true_ann_CHOSEN')
    expect(handed).not.toHaveProperty('sessionGateway')
    expect(marker.stage).toBe('handed_over')
    expect(await followSend.mock.calls[0]?.[1]).toBe(promises)
  })

  test('lets a promised message that is late come to nothing', async () => {
    const marker = handOver(Date.now() - 1)
    void action.addAndSendMsgToChat({}, Promise.resolve(message(marker)))
    await expect(stock.mock.calls[0]?.[1]).rejects.toThrow('deadline')
    expect(marker.stage).toBe('late')
    expect(followSend).not.toHaveBeenCalled()
  })

  test("takes a media model's private fields off the message, one of which would hide its id", async () => {
    const media = { __x_id: undefined, __x_mediaStage: 'RESOLVED', caption: 'kept' }
    await Promise.all(action.addAndSendMsgToChat({}, { ...message(handOver(Date.now() + 30_000)), ...media }))
    const handed = stock.mock.calls[0]?.[1] as Message
    expect(Object.keys(handed).toSorted()).toEqual(['caption', 'from', 'id', 'to'])
  })

  test('refuses after the deadline, before WhatsApp sees the message', () => {
    const marker = handOver(Date.now() - 1)
    expect(() => action.addAndSendMsgToChat({}, message(marker))).toThrow('deadline')
    expect(marker.stage).toBe('late')
    expect(stock).not.toHaveBeenCalled()
  })

  test('refuses while WhatsApp is not connected, as the message would leave some time later', () => {
    socket.state = 'OPENING'
    const marker = handOver(Date.now() + 30_000)
    expect(() => action.addAndSendMsgToChat({}, message(marker))).toThrow('not connected')
    expect(marker.stage).toBe('offline')
    expect(stock).not.toHaveBeenCalled()
  })

  test('refuses what was given up already, also in the last instant', () => {
    const marker: HandOver = { ...handOver(Date.now() + 30_000), stage: 'late' }
    expect(() => action.addAndSendMsgToChat({}, message(marker))).toThrow('deadline')
    expect(stock).not.toHaveBeenCalled()
  })

  test("passes the page's own messages on untouched", async () => {
    const own = message()
    await Promise.all(action.addAndSendMsgToChat({}, own))
    expect(stock).toHaveBeenCalledWith({}, own)
    expect(String(own.id)).toBe('true_ann_MADE-BY-PAGE')
  })

  test('knows a forward by its chat and type, the oldest first, and refuses one that was given up however late it comes', async () => {
    const [chat, text] = [{ id: { _serialized: 'ann' } }, { ...message(), type: 'chat' }]
    const givenUp: HandOver = { ...handOver(Date.now() + 30_000), stage: 'late' }
    const marker = handOver(Date.now() + 30_000)
    for (const one of [givenUp, marker]) forwards.push({ chatId: 'ann', type: 'chat', handOver: one })
    for (const [other, untouched] of [
      [chat, { ...message(), type: 'image' }],
      [{ id: { _serialized: 'ben' } }, { ...text }],
    ] as const) {
      await Promise.all(action.addAndSendMsgToChat(other, untouched))
      expect(String(untouched.id)).toBe('true_ann_MADE-BY-PAGE')
    }
    expect(() => action.addAndSendMsgToChat(chat, { ...text })).toThrow('deadline')
    await Promise.all(action.addAndSendMsgToChat(chat, text))
    expect(String(text.id)).toBe('true_ann_CHOSEN')
    expect([marker.stage, forwards]).toEqual(['handed_over', []])
    const next = { ...message(), type: 'chat' }
    await Promise.all(action.addAndSendMsgToChat(chat, next))
    expect(String(next.id)).toBe('true_ann_MADE-BY-PAGE')
  })

  test('is guarded once, and again where the page put its function back', () => {
    const guarded = action.addAndSendMsgToChat
    guardHandOver()
    expect(action.addAndSendMsgToChat).toBe(guarded)
    action.addAndSendMsgToChat = stock
    guardHandOver()
    expect(action.addAndSendMsgToChat).not.toBe(stock)
  })

  test('counts as handed over when WhatsApp throws while it takes the message', async () => {
    stock.mockImplementationOnce(() => {
      throw new Error('half way')
    })
    const marker = handOver(Date.now() + 30_000)
    expect(() => action.addAndSendMsgToChat({}, message(marker))).toThrow('half way')
    expect(marker.stage).toBe('handed_over')
    await expect(followSend.mock.calls[0]?.[1]).rejects.toThrow('half way')
  })
})
