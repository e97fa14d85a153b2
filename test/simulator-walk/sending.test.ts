import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { patient } from './patient.ts'
import { StockSession } from './stock-session.ts'
import { type WalkGround, walkGround, walkSettings } from './walk-ground.ts'

const ANN = '491701234567'

/** What the page's own `addAndSendMsgToChat` makes of one message, all of it in the page. */
interface Sent {
  id: string
  /** What became of the two promises: what they resolved with, or the name of the error. */
  stored?: string
  outcome?: unknown
  /** Attributes of the model as they are now. */
  ack: number
  isSendFailure?: boolean
  errorCode?: number
  /** Events of the model, in order. */
  events: string[]
}

describe('sending', () => {
  let ground: WalkGround
  let ann: StockSession

  beforeAll(async () => {
    ground = await walkGround({ build: '2026-09', reconnectDelayMs: 50 })
    ann = await StockSession.paired(ground.simulator, ground.folder, ANN)
    await inPage(`window.sent = {}
      const { Msg } = require('WAWebCollections')
      for (const name of ['ack', 'isSendFailure']) Msg.on('change:' + name, (msg, value) =>
        window.sent[msg.body]?.events.push(name + ' ' + value))
      window.send = async (to, body, { asPromise, beforeSend } = {}) => {
        const wid = require('WAWebWidFactory').createWid(to + '@c.us')
        const from = require('WAWebUserPrefsMeUser').getMaybeMePnUser()
        const MsgKey = require('WAWebMsgKey')
        const id = new MsgKey({ from, to: wid, id: await MsgKey.newId(), selfDir: 'out' })
        const message = { id, from, to: wid, body, type: 'chat', t: 1, ack: 0, self: 'out', isNewMsg: true }
        const sent = window.sent[body] = { events: [], id: id.toString() }
        const { chat } = await require('WAWebFindChatAction').findOrCreateLatestChat(wid)
        const [stored, outcome] = require('WAWebSendMsgChatAction').addAndSendMsgToChat(
          chat, asPromise ? Promise.resolve(message) : message, beforeSend)
        stored.then(() => { sent.stored = 'stored' }, ({ name }) => { sent.stored = name })
        outcome.then((value) => { sent.outcome = value }, ({ name }) => { sent.outcome = name })
      }`)
  })
  beforeEach(async () => {
    await ground.control.settings({ ...walkSettings, build: '2026-09', reconnectDelayMs: 50 })
  })
  afterAll(async () => {
    await ann[Symbol.asyncDispose]()
    await ground[Symbol.asyncDispose]()
  })

  const inPage = async <T = unknown>(script: string): Promise<T> =>
    (await ann.client.pupPage?.evaluate(`(async () => { ${script} })()`)) as T
  const send = (to: string, body: string, how = '{}') =>
    inPage(`await window.send('${to}', '${body}', ${how})`)
  const sent = (body: string) =>
    inPage<Sent>(`const { events, id, stored, outcome } = window.sent['${body}']
      const { ack, isSendFailure, errorCode } = require('WAWebCollections').Msg.get(id)
      return { events, id, stored, outcome, ack, isSendFailure, errorCode }`)
  const becomes = (body: string, expected: Partial<Sent>) =>
    vi.waitFor(async () => expect(await sent(body)).toMatchObject(expected), patient)
  const arrived = async (body: string) =>
    (await ground.control.ledger()).filter((entry) => entry.body === body).length

  test('the server has it: OK with its time, and acks one after the other', async () => {
    await send('15550003001', 'plain')
    await becomes('plain', {
      stored: 'stored',
      outcome: { messageSendResult: 'OK', t: expect.any(Number), count: 1 },
    })
    await becomes('plain', { ack: 3, events: ['ack 1', 'ack 2', 'ack 3'] })
  })

  test('the server refuses it: ack -1, marked as failed, and the outcome has the number', async () => {
    const nacks = { '15550003002': 475, '15550003003': 463 }
    await ground.control.settings({ accounts: { [ANN]: { nacks } } })
    await send('15550003002', 'capped')
    await becomes('capped', {
      ...{ stored: 'stored', outcome: { messageSendResult: 'ERROR_UNKNOWN', ackErrorCode: 475 } },
      ...{ ack: -1, isSendFailure: true, errorCode: 475 },
    })
    expect((await sent('capped')).events.toSorted()).toEqual(['ack -1', 'isSendFailure true'])
    await send('15550003003', 'locked')
    await becomes('locked', { outcome: { messageSendResult: 'ERROR_UNKNOWN', ackErrorCode: 463 }, ack: -1 })
    expect((await sent('locked')).errorCode).toBeUndefined()
    expect(await ground.control.messages(ANN, '15550003002')).toEqual([])
  })

  test('a failure before the wire marks it as failed and leaves the ack at 0; a blocked contact rejects', async () => {
    const [failing, blocked] = ['15550003004', '15550003005']
    const switches = { failures: { [failing]: 'ERROR_NETWORK' as const }, blocked: [blocked] }
    await ground.control.settings({ accounts: { [ANN]: switches } })
    await send(failing, 'failing')
    const failed = { messageSendResult: 'ERROR_NETWORK' }
    await becomes('failing', { stored: 'stored', outcome: failed, ack: 0, events: ['isSendFailure true'] })
    await send(blocked, 'blocked')
    await becomes('blocked', { stored: 'stored', outcome: 'ContactBlockedError', ack: 0, events: [] })
    expect([await arrived('failing'), await arrived('blocked')]).toEqual([0, 0])
    await ground.control.settings({ accounts: {} })
    const { id } = await sent('failing')
    expect(
      await inPage(
        `return require('WAWebResendMsgAction').resendMsg(require('WAWebCollections').Msg.get('${id}'))`,
      ),
    ).toBe('OK')
    await becomes('failing', { ack: 3, isSendFailure: false })
    expect(await arrived('failing')).toBe(1)
  })

  test('the server has it and the page never hears so: receipts raise the ack, and the outcome stays open', async () => {
    const to = '15550003006'
    await ground.control.settings({ accounts: { [ANN]: { lostAnswers: { [to]: null } } } })
    await send(to, 'unanswered')
    await becomes('unanswered', { ack: 3, events: ['ack 2', 'ack 3'] })
    expect((await sent('unanswered')).outcome).toBeUndefined()
    // It goes out again with the next connection, and that answer is heard.
    await ground.control.settings({ accounts: {} })
    await ground.control.drop(ANN)
    await becomes('unanswered', { outcome: { messageSendResult: 'OK', t: expect.any(Number), count: 1 } })
    expect(await ground.control.messages(ANN, to)).toMatchObject([{ copies: 2, delivered: 1 }])

    await ground.control.settings({ accounts: { [ANN]: { lostAnswers: { [to]: 'ERROR_NETWORK' } } } })
    await send(to, 'given up')
    await becomes('given up', {
      outcome: { messageSendResult: 'ERROR_NETWORK' },
      isSendFailure: true,
      ack: 3,
    })
  })

  test('the message may be a promise; the send waits for the callback, and what comes later in its chat waits for it', async () => {
    await send(
      '15550003007',
      'held',
      '{ asPromise: true, beforeSend: () => new Promise((go) => { window.go = go }) }',
    )
    await becomes('held', { stored: 'stored' })
    await send('15550003007', 'behind it')
    await becomes('behind it', { stored: 'stored' })
    await send('15550003017', 'elsewhere')
    await becomes('elsewhere', { ack: 3 })
    expect([await arrived('held'), await arrived('behind it')]).toEqual([0, 0])
    await inPage('window.go()')
    await becomes('behind it', { ack: 3 })
    const bodies = (await ground.control.messages(ANN, '15550003007')).map(({ body }) => body)
    expect(bodies).toEqual(['held', 'behind it'])
  })

  test('a message to oneself has ack 3 as soon as the server has it', async () => {
    await ground.control.settings({ deliveredAckDelayMs: 60_000 })
    await send(ANN, 'note to self')
    await becomes('note to self', { ack: 3, events: ['ack 3'] })
  })

  test('a send waits for the end of the offline delivery, and goes on when that takes too long', async () => {
    const progress = () =>
      inPage<number>(
        `return require('WAWebOfflineHandler').OfflineMessageHandler.getOfflineDeliveryProgress()`,
      )
    const isOver = () => inPage<boolean>(`return require('WAWebCmd').Cmd.isOfflineDeliveryEnd`)
    expect([await progress(), await isOver()]).toEqual([100, true])
    await ground.control.settings({ offlineDeliveryMs: 600_000 })
    await ground.control.drop(ANN)
    await vi.waitFor(async () => expect(await isOver()).toBe(false), patient)
    await send('15550003008', 'waits')
    await becomes('waits', { stored: 'stored' })
    expect([await arrived('waits'), await progress()]).toEqual([0, 0])
    await ground.control.settings({ offlineDeliveryMs: 0 })
    await ground.control.drop(ANN)
    await inPage(`await require('WAWebEventsWaitForOfflineDeliveryEnd').waitForOfflineDeliveryEnd()`)
    await becomes('waits', { ack: 3 })
    expect([await progress(), await isOver()]).toEqual([100, true])

    await ground.control.settings({ offlineDeliveryMs: 600_000, offlineWaitLimitMs: 200 })
    await ground.control.drop(ANN)
    await vi.waitFor(async () => expect(await isOver()).toBe(false), patient)
    await send('15550003008', 'waited enough')
    await becomes('waited enough', { ack: 3 })
    expect(await isOver()).toBe(false)
    await ground.control.settings({ offlineDeliveryMs: 0 })
    await ground.control.drop(ANN)
    await vi.waitFor(async () => expect(await isOver()).toBe(true), patient)
  })

  test('what a chat holds unread is read with the next send, once the account shows itself available', async () => {
    const friend = '15550003009'
    const { id } = await ground.control.inbound(ANN, friend, 'are you there?')
    await send(friend, 'an answer')
    await becomes('an answer', { ack: 3 })
    expect(await ground.control.readReceipts(ANN)).toEqual([])
    expect(await ground.control.presence(ANN)).toEqual([])
    await inPage(`require('WAWebStreamModel').Stream.markAvailable()`)
    await vi.waitFor(async () => {
      expect(await ground.control.readReceipts(ANN)).toEqual([{ account: ANN, from: friend, ids: [id] }])
    }, patient)
    await inPage(`require('WAWebStreamModel').Stream.markUnavailable()`)
    await vi.waitFor(async () => {
      expect((await ground.control.presence(ANN)).map(({ available }) => available)).toEqual([true, false])
    }, patient)
  })

  test('receipts that were due when the simulator ended come after its next start', async () => {
    await ground.control.settings({ deliveredAckDelayMs: 3_600_000, readReceipts: false })
    await send('15550003010', 'later')
    await becomes('later', { events: ['ack 1'] })
    await ground.control.settings({ deliveredAckDelayMs: 0 })
    await ground.restart()
    await becomes('later', { events: ['ack 1', 'ack 2'] })
  })
})
