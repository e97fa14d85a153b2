import { guardHandOver } from '@wsg/worker/src/whatsapp/page/guard-hand-over.ts'
import type { HandOver } from '@wsg/worker/src/whatsapp/page/page-globals.ts'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { msgKeyClass, openFakePage } from './fake-page.ts'

const MsgKey = msgKeyClass('$1')
type Message = { id: object; from: string; to: string; sessionGateway?: HandOver }

let action: { addAndSendMsgToChat: (chat: object, message: Message) => Promise<unknown>[] }
const stock = vi.fn((_chat: object, message: Message) => [Promise.resolve(message), Promise.resolve('OK')])

beforeEach(() => {
  stock.mockClear()
  action = { addAndSendMsgToChat: stock }
  openFakePage({ WAWebMsgKey: MsgKey, WAWebSendMsgChatAction: action })
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
const handOver = (deadline: number): HandOver => ({ chosenId: 'CHOSEN', deadline, stage: 'waiting' })

describe('the hand-over', () => {
  test('gives the message its chosen id and leaves no trace of us in it', async () => {
    const marker = handOver(Date.now() + 1_000)
    await Promise.all(action.addAndSendMsgToChat({}, message(marker)))
    const [, handed] = stock.mock.calls[0] ?? []
    expect(String(handed?.id)).toBe('true_ann_CHOSEN')
    expect(handed).not.toHaveProperty('sessionGateway')
    expect(marker.stage).toBe('handed_over')
    expect(await marker.added).toBe(handed)
  })

  test('refuses after the deadline, before WhatsApp sees the message', () => {
    const marker = handOver(Date.now() - 1)
    expect(() => action.addAndSendMsgToChat({}, message(marker))).toThrow('deadline')
    expect(marker.stage).toBe('late')
    expect(stock).not.toHaveBeenCalled()
  })

  test('refuses what was given up already, also in the last instant', () => {
    const marker: HandOver = { ...handOver(Date.now() + 1_000), stage: 'late' }
    expect(() => action.addAndSendMsgToChat({}, message(marker))).toThrow('deadline')
    expect(stock).not.toHaveBeenCalled()
  })

  test("passes the page's own messages on untouched", async () => {
    const own = message()
    await Promise.all(action.addAndSendMsgToChat({}, own))
    expect(stock).toHaveBeenCalledWith({}, own)
    expect(String(own.id)).toBe('true_ann_MADE-BY-PAGE')
  })

  test('is guarded once, and again where the page put its function back', () => {
    const guarded = action.addAndSendMsgToChat
    guardHandOver()
    expect(action.addAndSendMsgToChat).toBe(guarded)
    action.addAndSendMsgToChat = stock
    guardHandOver()
    expect(action.addAndSendMsgToChat).not.toBe(stock)
  })

  test('counts as handed over when WhatsApp throws while it takes the message', () => {
    stock.mockImplementationOnce(() => {
      throw new Error('half way')
    })
    const marker = handOver(Date.now() + 1_000)
    expect(() => action.addAndSendMsgToChat({}, message(marker))).toThrow('half way')
    expect(marker.stage).toBe('handed_over')
  })
})
