import { type OperationName, operationList } from '@wsg/shared/operations/operations.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildNames } from '../simulator/builds.ts'
import { waitFor } from '../support/wait-for.ts'
import { type OperationsGround, operationsGround } from './operations-ground.ts'

const PHONE = '5511911111111'
const MARIA = '5511999887766'

describe.each(buildNames)('what only reads, on the %s build', (build) => {
  let ground: OperationsGround
  beforeAll(async () => {
    ground = await operationsGround(PHONE, { build })
  })
  afterAll(async () => {
    await ground.harness.end()
  })

  it('shows nobody that the account is there or has read anything, and changes no chat', async () => {
    const { harness } = ground
    const messageId = await harness.writeContent({ account: PHONE }, MARIA, { body: 'Oi' })
    const group = await harness.group({ owner: PHONE, members: [MARIA] })
    await harness.writeInGroup(group, MARIA, 'Oi a todos')
    const before = { presence: await harness.presence(PHONE), receipts: await harness.readReceipts(PHONE) }
    expect(before.presence).not.toContain(true)
    const chats = await ground.ask('chat.list', {})
    const given: Record<string, string> = {
      ...{ chatId: MARIA, contactId: MARIA, groupId: group, id: messageId, messageId, phone: MARIA },
    }
    const asked: string[] = []
    for (const { name, http, example } of operationList) {
      if (http?.method !== 'GET') continue
      const input = Object.fromEntries(
        Object.entries(example.input).map(([field, value]) => [field, given[field] ?? value]),
      )
      // Whether there is such a thing, and whether this page tells, is for the tests of each room.
      await ground.ask(name as OperationName, input as never).then(
        () => asked.push(name),
        () => {},
      )
    }
    expect(asked).toEqual(
      expect.arrayContaining([
        'chat.list',
        'chat.get',
        'chat.history',
        'contact.get',
        'group.get',
        'number.check',
      ]),
    )
    expect(await ground.ask('chat.list', {})).toEqual(chats)
    expect(chats.items.find(({ phone }) => phone === MARIA)?.unreadCount).toBe(1)
    // What went out before stands before what is asked for now.
    await ground.ask('presence.set', { available: true })
    await ground.ask('chat.seen', { chatId: MARIA })
    await waitFor('what was asked for', async () => (await harness.readReceipts(PHONE)) > before.receipts)
    expect(await harness.presence(PHONE)).toEqual([...before.presence, true])
    expect(await harness.readReceipts(PHONE)).toBe(before.receipts + 1)
    expect(await harness.typed(PHONE)).toEqual([])
  })
})
