import { describe, expect, test, vi } from 'vitest'
import { patient } from './patient.ts'
import { StockSession } from './stock-session.ts'
import { walkGround } from './walk-ground.ts'

const PHONE = '491701234567'
const FRIEND = '15550001111'

describe('the stock client', () => {
  test('walks from QR to logout on the build legacy', async () => {
    await using ground = await walkGround({ build: 'legacy' })
    const { control, folder, simulator } = ground
    {
      await using session = await StockSession.paired(simulator, folder, PHONE)
      const { client, emitted } = session
      expect(emitted.qr.length).toBe(1)
      expect(client.info.wid._serialized).toBe(`${PHONE}@c.us`)
      expect(await client.getState()).toBe('CONNECTED')
      expect(await client.getWWebVersion()).toBe('2.3000.1043085068')

      const sent = await client.sendMessage(`${FRIEND}@c.us`, 'Good morning')
      expect(sent.id._serialized).toBe(`true_${FRIEND}@c.us_${sent.id.id}`)
      await vi.waitFor(() => expect(session.acksOf(sent.id.id)).toEqual([1, 2, 3]), patient)
      expect(await control.messages(PHONE, FRIEND)).toMatchObject([
        {
          id: sent.id.id,
          from: PHONE,
          to: FRIEND,
          chatId: `${FRIEND}@c.us`,
          body: 'Good morning',
          ack: 3,
          copies: 1,
        },
      ])

      await control.inbound(PHONE, FRIEND, 'Good evening')
      await vi.waitFor(() => expect(emitted.message).toHaveLength(1), patient)
      const [received] = emitted.message
      expect(received).toMatchObject({ body: 'Good evening', from: `${FRIEND}@c.us`, fromMe: false })

      const reply = await received?.reply('You too')
      expect(reply?.hasQuotedMsg).toBe(true)
      expect((await reply?.getQuotedMessage())?.body).toBe('Good evening')
      await vi.waitFor(async () => {
        const [, arrived] = await control.messages(PHONE, FRIEND)
        expect(arrived).toMatchObject({
          body: 'You too',
          quoted: { id: received?.id.id, body: 'Good evening' },
        })
      }, patient)
    }

    await using again = new StockSession(simulator, folder, { clientId: PHONE })
    await again.ready()
    expect(again.emitted.qr).toEqual([])
    const chats = await again.client.getChats()
    expect(chats.map(({ id, lastMessage }) => [id._serialized, lastMessage.body])).toEqual([
      [`${FRIEND}@c.us`, 'You too'],
    ])

    await control.logout(PHONE)
    await vi.waitFor(() => expect(again.emitted.disconnected).toEqual(['LOGOUT']), patient)
    await vi.waitFor(() => expect(again.emitted.qr).toHaveLength(1), patient)
  })

  test('sends on the build 2026-07, but gets undefined for it, acks without an id, and no chats', async () => {
    await using ground = await walkGround({ build: '2026-07' })
    const { control, folder, simulator } = ground
    await using session = await StockSession.paired(simulator, folder, PHONE)
    expect(await session.client.getWWebVersion()).toBe('2.3000.1043220887')

    expect(await session.client.sendMessage(`${FRIEND}@c.us`, 'Good morning')).toBeUndefined()
    await vi.waitFor(async () => {
      expect(await control.messages(PHONE, FRIEND)).toMatchObject([{ body: 'Good morning', copies: 1 }])
    }, patient)

    await vi.waitFor(() => expect(session.emitted.acks.map(({ ack }) => ack)).toEqual([1, 2, 3]), patient)
    const key = session.emitted.acks[0]?.message.id
    expect(key?._serialized).toBeUndefined()
    expect(key).toMatchObject({ $1: `true_${FRIEND}@c.us_${key?.id}` })

    await control.inbound(PHONE, FRIEND, 'Good evening')
    await vi.waitFor(() => expect(session.emitted.message).toHaveLength(1), patient)
    expect(session.emitted.message[0]?.id._serialized).toBeUndefined()
    await expect(session.client.getChats()).rejects.toThrow('No key or key range specified')
    await expect(session.client.getChatById(`${FRIEND}@c.us`)).rejects.toThrow(
      'No key or key range specified',
    )
  })

  test('finds its way around chats, contacts and messages', async () => {
    await using ground = await walkGround()
    const { control, folder, simulator } = ground
    await using session = await StockSession.paired(simulator, folder, PHONE)
    const { client } = session
    for (const body of ['one', 'two', 'three']) await client.sendMessage(`${FRIEND}@c.us`, body)
    await control.inbound(PHONE, FRIEND, 'four')
    await vi.waitFor(() => expect(session.emitted.message).toHaveLength(1), patient)

    const chat = await client.getChatById(`${FRIEND}@c.us`)
    expect(chat.unreadCount).toBe(1)
    expect((await chat.fetchMessages({ limit: 10 })).map(({ body }) => body)).toEqual([
      'one',
      'two',
      'three',
      'four',
    ])
    expect(await chat.sendSeen()).toBe(true)
    expect((await client.getChatById(`${FRIEND}@c.us`)).unreadCount).toBe(0)
    await chat.sendStateTyping()
    await chat.clearState()

    const contact = await client.getContactById(`${FRIEND}@c.us`)
    expect(contact).toMatchObject({ number: FRIEND, isMe: false, isUser: true })
    const [first] = await control.messages(PHONE, FRIEND)
    const found = await client.getMessageById(`true_${FRIEND}@c.us_${first?.id}`)
    expect(found.body).toBe('one')
    expect(await client.getNumberId(FRIEND)).toMatchObject({ _serialized: `${FRIEND}@c.us` })

    const withLink = await client.sendMessage(`${FRIEND}@c.us`, 'see https://example.com/a')
    expect(withLink.rawData).toMatchObject({ title: 'Title of example.com', subtype: 'url' })
    expect(withLink.links).toMatchObject([{ link: 'https://example.com/a' }])

    await client.logout()
    expect(await control.accounts()).toMatchObject([{ account: PHONE, logins: [] }])
  })

  test('is told the name of a module that the page does not have', async () => {
    await using ground = await walkGround()
    await using session = await StockSession.paired(ground.simulator, ground.folder, PHONE)
    const call = session.client.pupPage?.evaluate("window.require('WAWebNoSuchModule')")
    await expect(call).rejects.toThrow('Requiring unknown module "WAWebNoSuchModule"')
  })
})
