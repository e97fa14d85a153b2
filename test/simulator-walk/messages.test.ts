import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { patient } from './patient.ts'
import { StockSession } from './stock-session.ts'
import { type WalkGround, walkGround, walkSettings } from './walk-ground.ts'

const ANN = '491701234567'
const BEN = '491709876543'
const FRIEND = '15550001111'

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
    await ground.control.settings(walkSettings)
  })
  afterAll(async () => {
    await ann[Symbol.asyncDispose]()
    await ben[Symbol.asyncDispose]()
    await ground[Symbol.asyncDispose]()
  })

  const bodies = async (to: string) => (await ground.control.messages(ANN, to)).map(({ body }) => body)

  /** Loads the page anew and waits until the library is ready in it. */
  const reload = async (whileItIsOff: () => Promise<void> = async () => {}) => {
    const readyAgain = ann.emitted.ready + 1
    await ann.client.pupPage?.reload()
    await whileItIsOff()
    await vi.waitFor(() => expect(ann.emitted.ready).toBe(readyAgain), patient)
  }
  const pageSays = async (expression: string) =>
    await ann.client.pupPage?.evaluate(`(async () => {
      const { Msg } = require('WAWebCollections')
      const stored = async (key) => (await Msg.getMessagesById([key])).messages[0]
      return ${expression}
    })()`)
  const copiesTo = async (to: string) =>
    (await ground.control.messages(ANN, to)).map(({ copies, delivered }) => [copies, delivered])

  test('what has no ack does not go out again when the page is loaded: it is marked as failed', async () => {
    const to = '15550001001'
    await ground.control.settings({ noAck: true })
    const sent = []
    for (const text of ['a', 'b']) sent.push(await ann.client.sendMessage(`${to}@c.us`, text))
    await vi.waitFor(async () => expect(await bodies(to)).toEqual(['a', 'b']), patient)
    await reload()
    for (const { id } of sent)
      expect(
        await pageSays(
          `(({ ack, isSendFailure }) => [ack, isSendFailure])(await stored('${id._serialized}'))`,
        ),
      ).toEqual([0, true])
    // Whatever left after the reload would be there before this.
    await ann.client.sendMessage(`${to}@c.us`, 'c')
    await vi.waitFor(async () => expect(await bodies(to)).toEqual(['a', 'b', 'c']), patient)
    expect(await copiesTo(to)).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ])
  })

  test.each([
    { dedupe: true, copies: [2, 1] },
    { dedupe: false, copies: [2, 2] },
  ])(
    'a failed message is sent again under its id when that is asked for, dedupe $dedupe',
    async ({ dedupe, copies }) => {
      const to = dedupe ? '15550001002' : '15550001005'
      await ground.control.settings({ noAck: true, dedupe })
      const { id } = await ann.client.sendMessage(`${to}@c.us`, 'a')
      await vi.waitFor(async () => expect(await bodies(to)).toEqual(['a']), patient)
      await ground.control.settings({ noAck: false })
      await pageSays(`await require('WAWebResendMsgAction').resendMsg(await stored('${id._serialized}'))`)
      expect(await copiesTo(to)).toEqual([[1, 1]])
      await reload()
      await pageSays(`void require('WAWebResendMsgAction').resendMsg(await stored('${id._serialized}'))`)
      await vi.waitFor(async () => expect(await copiesTo(to)).toEqual([copies]), patient)
      await vi.waitFor(() => expect(ann.acksOf(id.id)).toEqual([1, 2, 3]), patient)
    },
  )

  test('what has no ack goes out again when its document connects again', async () => {
    const to = '15550001006'
    await ground.control.settings({ noAck: true })
    const { id } = await ann.client.sendMessage(`${to}@c.us`, 'a')
    await vi.waitFor(async () => expect(await bodies(to)).toEqual(['a']), patient)
    await ground.control.settings({ noAck: false })
    await ground.control.drop(ANN)
    await vi.waitFor(async () => expect(await copiesTo(to)).toEqual([[2, 1]]), patient)
    await vi.waitFor(() => expect(ann.acksOf(id.id)).toEqual([1, 2, 3]), patient)
  })

  test("receipts wait for the page and raise what is stored; the server's own ack does not", async () => {
    const to = '15550001007'
    await ground.control.settings({ serverAckDelayMs: 1_000, readReceipts: false })
    const first = await ann.client.sendMessage(`${to}@c.us`, 'received')
    await ann.client.sendMessage(`${to}@c.us`, 'the newest is in memory')
    await vi.waitFor(async () => expect(await bodies(to)).toHaveLength(2), patient)
    await ground.control.settings({ refusePages: true })
    await reload(async () => {
      await vi.waitFor(async () => {
        expect((await ground.control.messages(ANN, to)).map(({ ack }) => ack)).toEqual([2, 2])
      }, patient)
      await ground.control.settings({ refusePages: false })
    })
    expect(await pageSays(`(await stored('${first.id._serialized}')).ack`)).toBe(2)
    expect(ann.acksOf(first.id.id)).toEqual([])
  })

  test('a second message with an id that is stored is refused, and not sent', async () => {
    const { id } = await ann.client.sendMessage(`${FRIEND}@c.us`, 'once')
    const tried = await pageSays(`await (async () => {
      const message = await stored('${id._serialized}')
      const chat = require('WAWebCollections').Chat.get(message.to)
      const [added] = require('WAWebSendMsgChatAction').addAndSendMsgToChat(chat, { ...message.serialize(), ack: 0 })
      return await added.catch(({ name }) => name)
    })()`)
    expect(tried).toBe('DuplicateMessageError')
    const { id: next } = await ann.client.sendMessage(`${FRIEND}@c.us`, 'next')
    await vi.waitFor(() => expect(ann.acksOf(next.id)).toEqual([1, 2, 3]), patient)
    expect((await ground.control.messages(ANN, FRIEND)).filter(({ copies }) => copies !== 1)).toEqual([])
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

  test('a page shows a message once that comes a second time, though it has it only stored', async () => {
    await ground.control.settings({ noAck: true, dedupe: false })
    const shown = () => ben.emitted.message.map(({ body }) => body)
    const sent = await ann.client.sendMessage(`${BEN}@c.us`, 'once or twice')
    await ann.client.sendMessage(`${BEN}@c.us`, 'the newest is in memory')
    await vi.waitFor(() => expect(shown()).toContain('the newest is in memory'), patient)
    const readyAgain = ben.emitted.ready + 1
    await ben.client.pupPage?.reload()
    await vi.waitFor(() => expect(ben.emitted.ready).toBe(readyAgain), patient)
    await ground.control.settings({ noAck: false })
    await ground.control.drop(ANN)
    await vi.waitFor(async () => {
      expect((await ground.control.messages(ANN, BEN)).find(({ id }) => id === sent.id.id)).toMatchObject({
        ...{ copies: 2, delivered: 2 },
      })
    }, patient)
    await ground.control.inbound(BEN, ANN, 'afterwards')
    await vi.waitFor(() => expect(shown()).toContain('afterwards'), patient)
    expect(shown().filter((body) => body === 'once or twice')).toHaveLength(1)
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

  test('a message is committed before it goes on the wire', async () => {
    await ground.control.settings({ serverAckDelayMs: 500 })
    await ann.client.pupPage?.evaluate(`(() => {
      window.steps = []
      const { add } = IDBObjectStore.prototype
      IDBObjectStore.prototype.add = function (row) {
        this.transaction.addEventListener('complete', () => window.steps.push('commit'))
        return add.call(this, row)
      }
      const { send } = WebSocket.prototype
      WebSocket.prototype.send = function (frame) {
        if (JSON.parse(frame).t === 'message') window.steps.push('wire')
        return send.call(this, frame)
      }
      window.putBack = () => {
        IDBObjectStore.prototype.add = add
        WebSocket.prototype.send = send
      }
    })()`)
    await ann.client.sendMessage(`${FRIEND}@c.us`, 'which first?', { waitUntilMsgSent: true })
    expect(await ann.client.pupPage?.evaluate('window.putBack(), window.steps')).toEqual(['commit', 'wire'])
  })
})
