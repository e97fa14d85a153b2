import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type BuildName, versions } from '../simulator/builds.ts'
import { patient } from './patient.ts'
import { StockSession } from './stock-session.ts'
import { type WalkGround, walkGround } from './walk-ground.ts'

const PHONE = '491701234567'
const FRIEND = '15550001111'

/** One paired client for all tests of a build: they take over what the ones before them left. */
function walk(build: BuildName) {
  const of = {} as { ground: WalkGround; session: StockSession }
  beforeAll(async () => {
    of.ground = await walkGround({ build })
    of.session = await StockSession.paired(of.ground.simulator, of.ground.folder, PHONE)
  })
  afterAll(async () => {
    await of.session[Symbol.asyncDispose]()
    await of.ground[Symbol.asyncDispose]()
  })
  return of
}

describe('the stock client on the build legacy', () => {
  const of = walk('legacy')

  test('sends, receives and replies', async () => {
    const { ground, session } = of
    const { client, emitted } = session
    expect(emitted.qr.length).toBe(1)
    expect(client.info.wid._serialized).toBe(`${PHONE}@c.us`)
    expect(await client.getState()).toBe('CONNECTED')
    expect(await client.getWWebVersion()).toBe(versions.legacy)

    const sent = await client.sendMessage(`${FRIEND}@c.us`, 'Good morning')
    expect(sent.id._serialized).toBe(`true_${FRIEND}@c.us_${sent.id.id}`)
    await vi.waitFor(() => expect(session.acksOf(sent.id.id)).toEqual([1, 2, 3]), patient)
    const arrived = {
      id: sent.id.id,
      from: PHONE,
      to: FRIEND,
      chatId: `${FRIEND}@c.us`,
      body: 'Good morning',
    }
    expect(await ground.control.messages(PHONE, FRIEND)).toMatchObject([{ ...arrived, ack: 3, copies: 1 }])

    await ground.control.inbound(PHONE, FRIEND, 'Good evening')
    await vi.waitFor(() => expect(emitted.message).toHaveLength(1), patient)
    const [received] = emitted.message
    expect(received).toMatchObject({ body: 'Good evening', from: `${FRIEND}@c.us`, fromMe: false })

    const reply = await received?.reply('You too')
    expect(reply?.hasQuotedMsg).toBe(true)
    expect((await reply?.getQuotedMessage())?.body).toBe('Good evening')
    await vi.waitFor(async () => {
      const [, answer] = await ground.control.messages(PHONE, FRIEND)
      expect(answer).toMatchObject({
        body: 'You too',
        quoted: { id: received?.id.id, body: 'Good evening' },
      })
    }, patient)
  })

  test('finds its way around chats, contacts and messages', async () => {
    const { ground, session } = of
    const { client } = session
    const other = '15550001112'
    const before = session.emitted.message.length
    for (const body of ['one', 'two', 'three']) await client.sendMessage(`${other}@c.us`, body)
    await ground.control.inbound(PHONE, other, 'four')
    await vi.waitFor(() => expect(session.emitted.message).toHaveLength(before + 1), patient)

    const chat = await client.getChatById(`${other}@c.us`)
    expect(chat.unreadCount).toBe(1)
    const bodies = ['one', 'two', 'three', 'four']
    expect((await chat.fetchMessages({ limit: 10 })).map(({ body }) => body)).toEqual(bodies)
    expect(await chat.sendSeen()).toBe(true)
    expect((await client.getChatById(`${other}@c.us`)).unreadCount).toBe(0)
    await chat.sendStateTyping()
    await chat.clearState()

    const contact = await client.getContactById(`${other}@c.us`)
    expect(contact).toMatchObject({ number: other, isMe: false, isUser: true })
    const [first] = await ground.control.messages(PHONE, other)
    const found = await client.getMessageById(`true_${other}@c.us_${first?.id}`)
    expect(found.body).toBe('one')
    expect(await client.getNumberId(other)).toMatchObject({ _serialized: `${other}@c.us` })

    const withLink = await client.sendMessage(`${other}@c.us`, 'see https://example.com/a')
    expect(withLink.rawData).toMatchObject({ title: 'Title of example.com', subtype: 'url' })
    expect(withLink.links).toMatchObject([{ link: 'https://example.com/a' }])
  })

  test('finds its login and its chats after a restart, and is told that the phone logged it out', async () => {
    await of.session[Symbol.asyncDispose]()
    of.session = new StockSession(of.ground.simulator, of.ground.folder, { clientId: PHONE })
    await of.session.ready()
    const { client, emitted } = of.session
    expect(emitted.qr).toEqual([])
    const chats = await client.getChats()
    expect(chats.map(({ id, lastMessage }) => [id._serialized, lastMessage.body]).toSorted()).toEqual([
      [`${FRIEND}@c.us`, 'You too'],
      ['15550001112@c.us', 'see https://example.com/a'],
    ])

    await of.ground.control.logout(PHONE)
    await vi.waitFor(() => expect(emitted.disconnected).toEqual(['LOGOUT']), patient)
    await vi.waitFor(() => expect(emitted.qr).toHaveLength(1), patient)
  })
})

describe.each(['2026-07', '2026-09'] as const)('the stock client on the build %s', (build) => {
  const of = walk(build)
  const inPage = (script: string) => of.session.client.pupPage?.evaluate(`(async () => { ${script} })()`)
  /** What `require` answers in the page for a module: what it is, or the error. */
  const required = (name: string) =>
    inPage(`try { return Object.keys(require('${name}')) } catch ({ message }) { return message }`)

  test('sends, but gets undefined for it, acks without an id, and no chats', async () => {
    const { ground, session } = of
    expect(await session.client.getWWebVersion()).toBe(versions[build])
    expect(await session.client.sendMessage(`${FRIEND}@c.us`, 'Good morning')).toBeUndefined()
    await vi.waitFor(async () => {
      expect(await ground.control.messages(PHONE, FRIEND)).toMatchObject([
        { body: 'Good morning', copies: 1 },
      ])
    }, patient)

    await vi.waitFor(() => expect(session.emitted.acks.map(({ ack }) => ack)).toEqual([1, 2, 3]), patient)
    const key = session.emitted.acks[0]?.message.id
    expect(key?._serialized).toBeUndefined()
    expect(key).toMatchObject({ $1: `true_${FRIEND}@c.us_${key?.id}` })

    await ground.control.inbound(PHONE, FRIEND, 'Good evening')
    await vi.waitFor(() => expect(session.emitted.message).toHaveLength(1), patient)
    expect(session.emitted.message[0]?.id._serialized).toBeUndefined()
    const noKey = 'No key or key range specified'
    await expect(session.client.getChats()).rejects.toThrow(noKey)
    await expect(session.client.getChatById(`${FRIEND}@c.us`)).rejects.toThrow(noKey)
  })

  test('the page tells that the server wants a passkey, and asks for none by itself', async () => {
    await inPage(`window.heard = []
      navigator.credentials.get = () => window.heard.push('asked')
      const { WAWebLinkDeviceEvents } = require('WAWebLinkDeviceEvents')
      WAWebLinkDeviceEvents.on('link_device_events:passkey_prologue_request', () => window.heard.push('told'))`)
    expect(await of.ground.control.passkey(PHONE)).toEqual({ pages: 1 })
    expect(await inPage('return window.heard')).toEqual(['told'])
  })

  test('a module that is not there throws by its name, until the page has loaded it', async () => {
    expect(await required('WAWebNoSuchModule')).toBe('Requiring unknown module "WAWebNoSuchModule"')
    const { ground, session } = of
    await ground.control.settings({
      missing: ['WAWebVcardParsingUtils', 'WAWebSendMsgChatAction.addAndSendMsgToChat', 'WAWebMsgKey.newId'],
      lazyModules: ['WALinkify'],
      lateModules: { WAWebCallCollection: 3_600_000 },
    })
    const before = session.emitted.acks.length
    await session.client.pupPage?.reload()
    await vi.waitFor(async () => expect(await session.client.getState()).toBe('CONNECTED'), patient)
    expect(await required('WAWebVcardParsingUtils')).toBe('Requiring unknown module "WAWebVcardParsingUtils"')
    expect(await required('WAWebSendMsgChatAction')).toEqual([])
    expect(
      await inPage("return [typeof require('WAWebMsgKey').newId, typeof require('WAWebMsgKey').fromString]"),
    ).toEqual(['undefined', 'function'])
    expect(await required('WALinkify')).toBe(
      build === '2026-07'
        ? 'Requiring unknown module "WALinkify"'
        : 'Requiring module "WALinkify" with unresolved dependencies',
    )
    expect(
      await inPage(
        "return new Promise((go) => requireLazy(['WALinkify'], (found) => go(Object.keys(found))))",
      ),
    ).toEqual(['findLinks', 'findLink'])
    expect(await required('WALinkify')).toEqual(['findLinks', 'findLink'])
    // The library's list of listeners ends where a module is missing: acks are before that, messages behind.
    expect(await required('WAWebCallCollection')).toBe('Requiring unknown module "WAWebCallCollection"')
    await vi.waitFor(async () => expect(await inPage("return 'WWebJS' in window")).toBe(true), patient)
    const often = { ...patient, interval: 500 }
    await vi.waitFor(async () => {
      await ground.control.outbound(PHONE, FRIEND, 'from the phone itself')
      expect(session.emitted.acks.length).toBeGreaterThan(before)
    }, often)
    expect(session.emitted.created.map(({ body }) => body)).not.toContain('from the phone itself')
    expect(session.emitted.ready).toBe(1)
    await ground.control.settings({ missing: [], lazyModules: [], lateModules: {} })
  })

  test('logs out by itself', async () => {
    const { ground, session } = of
    await session.client.pupPage?.reload()
    await vi.waitFor(() => expect(session.emitted.ready).toBe(2), patient)
    session.end()
    await session.client.logout()
    expect(await ground.control.accounts()).toMatchObject([{ account: PHONE, logins: [] }])
  })
})
