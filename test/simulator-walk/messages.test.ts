import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { defaultSettings } from '../simulator/server/settings.ts'
import { StockSession } from './stock-session.ts'
import { type WalkGround, walkGround } from './walk-ground.ts'

const ANN = '491701234567'
const BEN = '491709876543'
const FRIEND = '15550001111'
const patient = { timeout: 15_000, interval: 25 }

describe('messages', () => {
  let ground: WalkGround
  let ann: StockSession
  let ben: StockSession

  beforeAll(async () => {
    ground = await walkGround()
    ann = await StockSession.paired(ground.simulator, ground.folder, ANN)
    ben = await StockSession.paired(ground.simulator, ground.folder, BEN)
  })
  beforeEach(async () => {
    await ground.control.settings(defaultSettings)
  })
  afterAll(async () => {
    await ann[Symbol.asyncDispose]()
    await ben[Symbol.asyncDispose]()
    await ground[Symbol.asyncDispose]()
  })

  const bodies = async (to: string) => (await ground.control.messages(ANN, to)).map(({ body }) => body)

  /** Unacked messages, then a page that starts anew: what a crash in the middle of sending leaves. */
  const reloadWithUnacked = async (to: string, texts: string[]) => {
    await ground.control.settings({ noAck: true })
    for (const text of texts) await ann.client.sendMessage(`${to}@c.us`, text)
    await vi.waitFor(async () => expect(await bodies(to)).toEqual(texts), patient)
    await ground.control.settings({ noAck: false })
    const readyAgain = ann.emitted.ready + 1
    await ann.client.pupPage?.reload()
    await vi.waitFor(() => expect(ann.emitted.ready).toBe(readyAgain), patient)
    await vi.waitFor(async () => {
      expect((await ground.control.messages(ANN, to)).map(({ ack }) => ack)).toEqual(texts.map(() => 3))
    }, patient)
    return ground.control.messages(ANN, to)
  }

  test('unacked messages go out again after a reload, in order; dedupe on drops the second copies', async () => {
    const to = '15550001001'
    const messages = await reloadWithUnacked(to, ['a', 'b', 'c'])
    expect(messages.map(({ copies, delivered }) => [copies, delivered])).toEqual([
      [2, 1],
      [2, 1],
      [2, 1],
    ])
    const arrived = (await ground.control.ledger()).filter((entry) => entry.to === to)
    expect(arrived.map(({ body, copy }) => `${body}${copy}`)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2'])
  })

  test('with dedupe off a second copy reaches the addressee too', async () => {
    await ground.control.settings({ dedupe: false })
    const messages = await reloadWithUnacked('15550001002', ['a'])
    expect(messages).toMatchObject([{ copies: 2, delivered: 2 }])
  })

  test('a message is found by its id after a reload', async () => {
    const sent = await ann.client.sendMessage(`${FRIEND}@c.us`, 'before')
    await vi.waitFor(() => expect(ann.acksOf(sent.id.id)).toEqual([1, 2, 3]), patient)
    const readyAgain = ann.emitted.ready + 1
    await ann.client.pupPage?.reload()
    await vi.waitFor(() => expect(ann.emitted.ready).toBe(readyAgain), patient)
    await vi.waitFor(async () => {
      expect(await ann.client.getMessageById(sent.id._serialized)).toMatchObject({ body: 'before', ack: 3 })
    }, patient)
  })

  test('accounts write to each other, and a message that is seen is read', async () => {
    await ground.control.settings({ readAckDelayMs: 60_000 })
    const before = ben.emitted.message.length
    const sent = await ann.client.sendMessage(`${BEN}@c.us`, 'hello Ben')
    await vi.waitFor(() => expect(ben.emitted.message).toHaveLength(before + 1), patient)
    expect(ben.emitted.message.at(-1)).toMatchObject({ body: 'hello Ben', from: `${ANN}@c.us` })
    await vi.waitFor(() => expect(ann.acksOf(sent.id.id)).toEqual([1, 2]), patient)
    await ben.client.sendSeen(`${ANN}@c.us`)
    await vi.waitFor(() => expect(ann.acksOf(sent.id.id)).toEqual([1, 2, 3]), patient)
  })

  test('without read receipts the last ack is 2, and with noAck there is none though it arrived', async () => {
    await ground.control.settings({ readReceipts: false, deliveredAckDelayMs: 0 })
    const unread = await ann.client.sendMessage(`${FRIEND}@c.us`, 'unread')
    await vi.waitFor(() => expect(ann.acksOf(unread.id.id)).toEqual([1, 2]), patient)
    await ground.control.settings({ noAck: true })
    const silent = await ann.client.sendMessage(`${FRIEND}@c.us`, 'silent')
    await vi.waitFor(async () => expect(await bodies(FRIEND)).toContain('silent'), patient)
    expect(ann.acksOf(silent.id.id)).toEqual([])
  })

  test('a message that the phone writes appears on its linked devices', async () => {
    await ground.control.outbound(ANN, FRIEND, 'from the phone itself')
    await vi.waitFor(() => {
      expect(ann.emitted.created.at(-1)).toMatchObject({ body: 'from the phone itself', fromMe: true })
    }, patient)
  })

  test('messages that came while the browser was off are in the chat, but raise no message event', async () => {
    const writer = '15550001003'
    await ben[Symbol.asyncDispose]()
    for (const body of ['while', 'you', 'slept']) await ground.control.inbound(BEN, writer, body)
    ben = new StockSession(ground.simulator, ground.folder, { clientId: BEN })
    await ben.ready()
    const chat = await ben.client.getChatById(`${writer}@c.us`)
    expect((await chat.fetchMessages({})).map(({ body }) => body)).toEqual(['while', 'you', 'slept'])
    expect(chat.unreadCount).toBe(3)
    await ground.control.inbound(BEN, writer, 'awake')
    await vi.waitFor(() => expect(ben.emitted.message.map(({ body }) => body)).toEqual(['awake']), patient)
  })

  test('a number that is no account answers when it is told to', async () => {
    await ground.control.settings({ autoReply: 'You said: {body}' })
    await ann.client.sendMessage(`${FRIEND}@c.us`, 'knock knock')
    await vi.waitFor(() => expect(ann.emitted.message.at(-1)?.body).toBe('You said: knock knock'), patient)
  })

  test.each([
    { sendBeforeCommit: false, order: ['commit', 'wire'] },
    { sendBeforeCommit: true, order: ['wire', 'commit'] },
  ])(
    'with sendBeforeCommit $sendBeforeCommit a message goes by way of $order',
    async ({ sendBeforeCommit, order }) => {
      await ground.control.settings({ sendBeforeCommit, serverAckDelayMs: 500 })
      await ann.client.pupPage?.evaluate(`(() => {
      window.steps = []
      const { put } = IDBObjectStore.prototype
      IDBObjectStore.prototype.put = function (row) {
        if (row.pending) this.transaction.addEventListener('complete', () => window.steps.push('commit'))
        return put.call(this, row)
      }
      const { send } = WebSocket.prototype
      WebSocket.prototype.send = function (frame) {
        if (JSON.parse(frame).t === 'message') window.steps.push('wire')
        return send.call(this, frame)
      }
      window.putBack = () => {
        IDBObjectStore.prototype.put = put
        WebSocket.prototype.send = send
      }
    })()`)
      await ann.client.sendMessage(`${FRIEND}@c.us`, 'which first?', { waitUntilMsgSent: true })
      expect(await ann.client.pupPage?.evaluate('window.putBack(), window.steps')).toEqual(order)
    },
  )
})
