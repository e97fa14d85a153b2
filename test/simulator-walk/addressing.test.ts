import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { lidOfNumber } from '../simulator/server/lid-of-number.ts'
import { patient } from './patient.ts'
import { StockSession } from './stock-session.ts'
import { type WalkGround, walkGround, walkSettings } from './walk-ground.ts'

const ANN = '491701234567'

describe('addressing', () => {
  let ground: WalkGround
  let ann: StockSession

  beforeAll(async () => {
    ground = await walkGround()
    ann = await StockSession.paired(ground.simulator, ground.folder, ANN)
  })
  beforeEach(async () => {
    await ground.control.settings(walkSettings)
  })
  afterAll(async () => {
    await ann[Symbol.asyncDispose]()
    await ground[Symbol.asyncDispose]()
  })

  const arrives = async (to: string, body: string) =>
    vi.waitFor(async () => {
      expect(await ground.control.messages(ANN, to)).toMatchObject([{ to, body, copies: 1 }])
    }, patient)

  test('a number that is not registered is not found, and a message to it fails with ack -1', async () => {
    const nobody = '15550002000'
    await ground.control.settings({ unregistered: [nobody] })
    expect(await ann.client.getNumberId(nobody)).toBeNull()
    expect(await ann.client.isRegisteredUser(`${nobody}@c.us`)).toBe(false)
    const sent = await ann.client.sendMessage(`${nobody}@c.us`, 'anyone?')
    await vi.waitFor(() => expect(ann.acksOf(sent.id.id)).toEqual([-1]), patient)
    expect(await ground.control.messages(ANN, nobody)).toEqual([])
    expect((await ground.control.ledger()).filter(({ to }) => to === nobody)).toHaveLength(1)
  })

  test('a wrong answer that nobody has a number is kept for a while', async () => {
    const number = '15550002006'
    await ground.control.settings({ accounts: { [ANN]: { wrongNegatives: { [number]: 300 } } } })
    expect(await ann.client.getNumberId(number)).toBeNull()
    await vi.waitFor(
      async () => expect(await ann.client.getNumberId(number)).toMatchObject({ user: number }),
      patient,
    )
  })

  test('unknown: no LID is ever learned, and all goes by the number', async () => {
    const number = '15550002001'
    await ground.control.settings({ lid: 'unknown' })
    expect(await ann.client.getNumberId(number)).toMatchObject({ _serialized: `${number}@c.us` })
    expect(await ann.client.getContactLidAndPhone([`${number}@c.us`])).toEqual([{ pn: `${number}@c.us` }])
    expect((await ann.client.sendMessage(`${number}@c.us`, 'x')).id.remote).toBe(`${number}@c.us`)
    await arrives(number, 'x')
  })

  test('known: the query teaches the LID, and the chat goes by the number', async () => {
    const number = '15550002002'
    await ground.control.settings({ lidByNumber: { [number]: 'known' } })
    await ann.client.getNumberId(number)
    expect(await ann.client.getContactLidAndPhone([`${number}@c.us`])).toEqual([
      { lid: `${lidOfNumber(number)}@lid`, pn: `${number}@c.us` },
    ])
    expect((await ann.client.sendMessage(`${number}@c.us`, 'x')).id.remote).toBe(`${number}@c.us`)
    await arrives(number, 'x')
  })

  test('sent-under-lid: the message is indexed under the LID, so that sendMessage finds nothing though it arrived', async () => {
    const number = '15550002003'
    await ground.control.settings({ lidByNumber: { [number]: 'sent-under-lid' } })
    expect(await ann.client.sendMessage(`${number}@c.us`, 'x')).toBeUndefined()
    await arrives(number, 'x')
    const [message] = await ground.control.messages(ANN, number)
    expect(message?.chatId).toBe(`${number}@c.us`)
    const found = await ann.client.getMessageById(`true_${lidOfNumber(number)}@lid_${message?.id}`)
    expect(found.body).toBe('x')
    await vi.waitFor(() => expect(ann.acksOf(message?.id ?? '')).toEqual([1, 2, 3]), patient)
  })

  test('all-under-lid: chats and messages of both ways bear the LID', async () => {
    const number = '15550002004'
    const lid = `${lidOfNumber(number)}@lid`
    await ground.control.settings({ lidByNumber: { [number]: 'all-under-lid' } })
    const sent = await ann.client.sendMessage(`${number}@c.us`, 'x')
    expect(sent).toMatchObject({ id: { remote: lid }, to: lid, from: `${lidOfNumber(ANN)}@lid` })
    await arrives(number, 'x')
    const before = ann.emitted.message.length
    await ground.control.inbound(ANN, number, 'y')
    await vi.waitFor(() => expect(ann.emitted.message).toHaveLength(before + 1), patient)
    expect(ann.emitted.message.at(-1)).toMatchObject({ from: lid, body: 'y' })
    expect((await (await ann.client.getChatById(lid)).fetchMessages({})).map(({ body }) => body)).toEqual([
      'x',
      'y',
    ])
    expect((await ann.client.getContactById(lid)).id._serialized).toBe(`${number}@c.us`)
  })

  test('a chat that needs a LID throws by name until the number was queried', async () => {
    const number = '15550002005'
    await ground.control.settings({ chatNeedsLid: true })
    await expect(ann.client.sendMessage(`${number}@c.us`, 'x')).rejects.toThrow('No LID for user')
    await ann.client.getNumberId(number)
    expect((await ann.client.sendMessage(`${number}@c.us`, 'x')).body).toBe('x')
  })

  test('a query settles the extra digit of Brazil and Mexico', async () => {
    const spelled = async (number: string) => (await ann.client.getNumberId(number))?.user
    expect(await spelled('551187654321')).toBe('5511987654321')
    expect(await spelled('5511987654321')).toBe('5511987654321')
    expect(await spelled('5551987654321')).toBe('555187654321')
    expect(await spelled('525512345678')).toBe('5215512345678')
    const wrong = await ann.client.sendMessage('5551987654321@c.us', 'x')
    await vi.waitFor(() => expect(ann.acksOf(wrong.id.id)).toEqual([-1]), patient)
    await ground.control.settings({ resolveExtraDigits: false })
    expect(await spelled('551187654321')).toBe('551187654321')
  })
})
