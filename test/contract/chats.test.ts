import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildNames } from '../simulator/builds.ts'
import { waitFor } from '../support/wait-for.ts'
import { asTheTableSays, type OperationsGround, operationsGround } from './operations-ground.ts'
import { textTo } from './outgoing-message.ts'

const PHONE = '5511911111111'
const MARIA = '5511999887766'
/** WhatsApp keeps the chat under the hidden identity. */
const HIDDEN = '4915112345678'
const NOT_THERE = '491709999999'
const MADE_UP = 5_000

describe.each(buildNames)('the chats of an account on the %s build', (build) => {
  let ground: OperationsGround
  beforeAll(async () => {
    ground = await operationsGround(PHONE, {
      build,
      lidByNumber: { [HIDDEN]: 'all-under-lid' },
      accounts: { [PHONE]: { history: { chats: MADE_UP, contacts: 0 } } },
    })
    for (const from of [HIDDEN, MARIA]) await ground.harness.writeTo(PHONE, from, 'Oi')
  })
  afterAll(async () => {
    await ground.harness.end()
  })
  const ask: OperationsGround['ask'] = (name, input) => ground.ask(name, input)

  it('are listed page by page, each once, though there are thousands', async () => {
    const first = await ask('chat.list', { limit: '20' })
    expect(first.items.slice(0, 2).map(({ phone }) => phone)).toEqual(expect.arrayContaining([MARIA, HIDDEN]))
    const seen = first.items.map(({ id }) => id)
    let cursor = first.nextCursor
    while (cursor !== null) {
      const page = await ask('chat.list', { limit: '500', cursor })
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
    }
    expect([seen.length, new Set(seen).size]).toEqual([MADE_UP + 2, MADE_UP + 2])
  })

  it('show that the account types or records, until it pauses', async () => {
    const states = ['typing', 'recording', 'paused'] as const
    for (const state of states)
      expect(await ask('chat.typing', { chatId: MARIA, state })).toMatchObject({ state })
    const typed = async () => (await ground.harness.typed(PHONE)).map(({ state }) => state)
    await waitFor('what was shown', async () => (await typed()).length === 3)
    expect(await typed()).toEqual(states)
  })

  it('are found by what they are', async () => {
    await ask('chat.archive', { chatId: HIDDEN })
    await ask('chat.pin', { chatId: MARIA })
    const idsOf = async (filter: object) =>
      (await ask('chat.list', { ...filter, limit: '5' })).items.map(({ phone }) => phone)
    expect(await idsOf({ archived: 'true' })).toEqual([HIDDEN])
    expect(await idsOf({ pinned: 'true' })).toEqual([MARIA])
    expect((await idsOf({ unread: 'true' })).toSorted()).toEqual([HIDDEN, MARIA].toSorted())
    expect(await idsOf({ unread: 'true', archived: 'false' })).toEqual([MARIA])
    expect(await idsOf({ kind: 'group' })).toEqual([])
    expect(await idsOf({ name: '15550000042' })).toEqual(['15550000042'])
    await ask('chat.unarchive', { chatId: HIDDEN })
    await ask('chat.unpin', { chatId: MARIA })
  })

  it('are pinned, three at most, muted, and marked as unread, each until it is taken back', async () => {
    for (const _twice of [1, 2])
      expect(await ask('chat.pin', { chatId: HIDDEN })).toMatchObject({ phone: HIDDEN, pinned: true })
    await ask('chat.pin', { chatId: '15550000001' })
    await ask('chat.pin', { chatId: '15550000002' })
    await expect(ask('chat.pin', { chatId: MARIA })).rejects.toMatchObject({ code: 'too_many_pinned' })
    for (const chatId of [HIDDEN, '15550000001', '15550000002'])
      expect(await ask('chat.unpin', { chatId })).toMatchObject({ pinned: false })

    const until = '2099-01-01T10:00:00+02:00'
    expect(await ask('chat.mute', { chatId: MARIA, until })).toMatchObject({
      muted: true,
      mutedUntil: '2099-01-01T08:00:00.000Z',
    })
    const forGood = await ask('chat.mute', { chatId: MARIA })
    expect([forGood.muted, forGood.mutedUntil]).toEqual([true, undefined])
    expect(await ask('chat.unmute', { chatId: MARIA })).toMatchObject({ muted: false })

    expect(await ask('chat.mark-unread', { chatId: '15550000003' })).toMatchObject({ markedUnread: true })
    expect(await ask('chat.unmark-unread', { chatId: '15550000003' })).toMatchObject({
      markedUnread: false,
    })
    expect(await ask('chat.unmark-unread', { chatId: MARIA })).toMatchObject({ unreadCount: 1 })
  })

  it('tell their messages page by page, the newest first, and forget them where they are told to', async () => {
    const { harness, client } = ground
    for (let number = 1; number <= 4; number++) await harness.writeTo(PHONE, HIDDEN, `number ${number}`)
    const chat = await ask('chat.get', { chatId: HIDDEN })
    const { messageId } = textTo(chat.id, 'mine')
    await client.send({ ...textTo(chat.id, 'mine'), messageId })
    const textsOf = async (filter: object) =>
      (await ask('chat.history', { chatId: HIDDEN, ...filter })).items.map(({ text }) => text)
    const all = ['mine', 'number 4', 'number 3', 'number 2', 'number 1', 'Oi']
    expect(await textsOf({})).toEqual(all)
    expect(await textsOf({ fromMe: 'true' })).toEqual(['mine'])
    expect(await textsOf({ before: '2020-01-01T00:00:00Z' })).toEqual([])

    const read: string[] = []
    let cursor: string | undefined
    for (const size of [2, 2, 2]) {
      const page = await ask('chat.history', { chatId: HIDDEN, limit: '2', ...(cursor && { cursor }) })
      expect(page.items).toHaveLength(size)
      read.push(...page.items.map(({ text }) => text))
      cursor = page.nextCursor ?? undefined
    }
    expect([read, cursor]).toEqual([all, undefined])

    // A page that was loaded anew has the newest message alone in memory.
    const reloaded = new Promise((resolve) => client.events.once('reloaded', () => resolve(null)))
    await harness.post('/reload', { account: PHONE })
    await reloaded
    expect(await textsOf({ fromMe: 'false' })).toEqual(all.slice(1))

    expect(await ask('chat.clear', { chatId: HIDDEN })).toMatchObject({ id: chat.id })
    expect(await textsOf({})).toEqual([])
    expect(await ask('chat.delete', { chatId: HIDDEN })).toEqual({ id: chat.id })
    await expect(ask('chat.get', { chatId: HIDDEN })).rejects.toMatchObject({ code: 'chat_not_found' })
    await expect(ask('chat.delete', { chatId: NOT_THERE })).rejects.toMatchObject({ code: 'chat_not_found' })
  })

  it('are looked at and changed without the account being shown as online, and without anything being read', async () => {
    const { harness } = ground
    expect(await harness.presence(PHONE)).not.toContain(true)
    expect(await harness.readReceipts(PHONE)).toBe(0)
  })

  asTheTableSays(import.meta.filename, build, () => ground)
})
