import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildNames } from '../simulator/builds.ts'
import { waitFor } from '../support/wait-for.ts'
import { asTheTableSays, type OperationsGround, operationsGround } from './operations-ground.ts'

const PHONE = '5511911111111'
const MARIA = '5511999887766'
/** WhatsApp keeps its chat under the hidden identity. */
const HIDDEN = '4915112345678'

describe.each(buildNames)('an account on the %s build', (build) => {
  let ground: OperationsGround
  beforeAll(async () => {
    ground = await operationsGround(PHONE, {
      ...{ build, lidByNumber: { [HIDDEN]: 'all-under-lid' } },
    })
    await ground.harness.writeTo(PHONE, MARIA, 'Oi')
  })
  afterAll(async () => {
    await ground.harness.end()
  })
  const ask: OperationsGround['ask'] = (name, input) => ground.ask(name, input)

  it('shows its profile, and changes what it shows', async () => {
    const before = await ask('profile.get', {})
    expect(before).toMatchObject({ phone: PHONE, lid: expect.stringMatching(/@lid$/), picture: null })
    const changed = await ask('profile.update', { name: 'Shop', about: 'Open from nine to six' })
    expect(changed).toEqual({ ...before, name: 'Shop', about: 'Open from nine to six' })
    expect(await ask('profile.update', { about: '' })).toMatchObject({ name: 'Shop', about: '' })
  })

  it('tells what it changed where WhatsApp refuses the rest, or does not show it afterwards', async () => {
    const { harness } = ground
    const refusing = (refusals: Record<string, number>) =>
      harness.set({ accounts: { [PHONE]: { refusals } } })
    await refusing({ 'profile.about': 406 })
    await expect(ask('profile.update', { name: 'Stall', about: 'Closed' })).rejects.toMatchObject({
      code: 'whatsapp_refused',
      message: 'WhatsApp refused about: 406 refused. Changed before that: name.',
    })
    expect(await ask('profile.get', {})).toMatchObject({ name: 'Stall', about: '' })
    await refusing({ 'profile.get': 500 })
    const notShown = { code: 'not_confirmed' }
    await expect(ask('profile.update', { about: 'Closed' })).rejects.toMatchObject({
      ...notShown,
      message: expect.stringContaining('The profile was changed.'),
    })
    await expect(ask('profile.delete-picture', {})).rejects.toMatchObject({
      ...notShown,
      message: expect.stringContaining('The picture was changed.'),
    })
    await refusing({})
    expect(await ask('profile.get', {})).toMatchObject({ about: 'Closed' })
  })

  it('is told that it asks too often, which is not taken for a person who shows nothing', async () => {
    const { harness } = ground
    const asked = () => ask('contact.get', { contactId: MARIA })
    await harness.set({ accounts: { [PHONE]: { refusals: { 'profile.get': 429 } } } })
    await expect(asked()).rejects.toMatchObject({ code: 'too_many_reads' })
    await harness.set({ accounts: {} })
    expect(await asked()).toMatchObject({ about: expect.any(String) })
  })

  it('changes its picture, and takes it away; what is no picture is refused', async () => {
    const media = await ground.picture()
    const shown = await ask('profile.set-picture', { media })
    expect(shown.picture).toMatch(/^https:\/\/pps\.whatsapp\.net\//)
    expect(await ask('profile.get', {})).toEqual(shown)
    expect(await ask('profile.delete-picture', {})).toEqual({ ...shown, picture: null })
    const text = await ground.harness.store.put(Readable.from([Buffer.from('no picture')]), {
      maxBytes: 100,
      untilMs: Date.now() + 60_000,
    })
    await expect(ask('profile.set-picture', { media: { upload: text.id } })).rejects.toMatchObject({
      code: 'unsupported_media_type',
    })
    await expect(ask('profile.set-picture', { media: { upload: '0'.repeat(64) } })).rejects.toMatchObject({
      code: 'media_not_found',
    })
  })

  it('is online while it is told to be, and stays so when a chat was marked as seen', async () => {
    const { harness } = ground
    const shown = async (count: number) =>
      await waitFor('what it shows', async () => {
        const all = await harness.presence(PHONE)
        return all.length >= count && all
      })
    expect(await harness.presence(PHONE)).not.toContain(true)
    for (const _twice of [1, 2])
      expect(await ask('presence.set', { available: true })).toEqual({ available: true })
    await ask('chat.seen', { chatId: MARIA })
    await ask('presence.set', { available: false })
    expect(await shown(2)).toEqual([true, false])
  })

  it('has seen, by number, a chat that WhatsApp keeps under the hidden identity, and none that is not there', async () => {
    const { harness } = ground
    const id = await harness.writeTo(PHONE, HIDDEN, 'Hallo')
    await ask('presence.set', { available: true })
    await ask('chat.seen', { chatId: HIDDEN })
    await waitFor('the writer to hear of it', async () => {
      const { readReceipts } = (await harness.get(`/read-receipts?account=${PHONE}`)) as {
        readReceipts: { from: string; ids: string[] }[]
      }
      return readReceipts.some(({ from, ids }) => from === HIDDEN && ids.includes(id))
    })
    await ask('presence.set', { available: false })
    await expect(ask('chat.seen', { chatId: '5511000000000' })).rejects.toMatchObject({
      code: 'chat_not_found',
    })
  })

  it('rejects a call that rings, and no other', async () => {
    const { call } = (await ground.harness.post('/calls', { account: PHONE, from: MARIA })) as {
      call: { id: string }
    }
    await expect(ask('call.reject', { callId: 'another-call' })).rejects.toMatchObject({
      code: 'call_not_found',
    })
    expect(await ask('call.reject', { callId: call.id })).toEqual({ callId: call.id })
    await waitFor('the caller to hear of it', async () => {
      const { calls } = (await ground.harness.get(`/calls?account=${PHONE}`)) as {
        calls: { id: string; rejected: boolean }[]
      }
      return calls.find(({ id }) => id === call.id)?.rejected === true
    })
    const { link } = await ask('call.link', { type: 'video', startsAt: '2099-12-24T18:00:00Z' })
    expect(link).toMatch(/^https:\/\/call\.whatsapp\.com\/video\//)
  })

  it('labels chats where it is one of WhatsApp Business', async () => {
    const { harness } = ground
    await expect(ask('label.list', {})).rejects.toMatchObject({ code: 'not_supported' })
    await harness.set({ accounts: { [PHONE]: { business: true } } })
    await harness.dropConnection(PHONE)
    await waitFor('the page to know', async () => {
      return await ask('label.list', {}).then(
        () => true,
        () => false,
      )
    })
    for (const name of ['New', 'Paid']) await harness.post('/labels', { account: PHONE, name })
    const { items } = await ask('label.list', {})
    expect(items.map(({ name }) => name)).toEqual(['New', 'Paid'])
    const [first, second] = items.map(({ id }) => id) as [string, string]
    for (const labels of [[first], [first, second], [second], [second], []])
      expect((await ask('chat.labels', { chatId: MARIA, labels })).labels.map(({ id }) => id)).toEqual(labels)
    await expect(ask('chat.labels', { chatId: MARIA, labels: ['99'] })).rejects.toMatchObject({
      code: 'label_not_found',
    })
  })

  asTheTableSays(import.meta.filename, build, () => ground)
})
