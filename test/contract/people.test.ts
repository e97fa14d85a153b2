import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildNames } from '../simulator/builds.ts'
import { asTheTableSays, type OperationsGround, operationsGround } from './operations-ground.ts'

const PHONE = '5511911111111'
const MARIA = '5511999887766'
const HIDDEN = '4915112345678'
const SHY = '4915112340009'
const NEW = '4915112340001'
const NOT_THERE = '491709999999'
const MADE_UP = 20_000

describe.each(buildNames)('the people of an account on the %s build', (build) => {
  let ground: OperationsGround
  beforeAll(async () => {
    ground = await operationsGround(PHONE, {
      build,
      lidByNumber: { [HIDDEN]: 'all-under-lid' },
      unregistered: [NOT_THERE],
      accounts: { [PHONE]: { history: { chats: 0, contacts: MADE_UP }, hiddenFrom: [SHY] } },
    })
    for (const from of [HIDDEN, MARIA, SHY]) await ground.harness.writeTo(PHONE, from, 'Oi')
  })
  afterAll(async () => {
    await ground.harness.end()
  })
  const ask: OperationsGround['ask'] = (name, input) => ground.ask(name, input)

  it('are listed page by page, each once, though there are thousands', async () => {
    const first = await ask('contact.list', { saved: 'true', limit: '20' })
    expect(first.items[0]).toMatchObject({ phone: '15550000000', name: 'Person 0', saved: true })
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof ask<'contact.list'>>> = await ask('contact.list', {
        saved: 'true',
        limit: '500',
        ...(cursor !== null && { cursor }),
      })
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
    } while (cursor !== null)
    expect([seen.length, new Set(seen).size]).toEqual([MADE_UP, MADE_UP])
    const named = await ask('contact.list', { name: 'person 12345' })
    expect(named.items.map(({ phone }) => phone)).toEqual(['15550012345'])
    const unsaved = await ask('contact.list', { saved: 'false' })
    expect(unsaved.items.map(({ phone }) => phone).toSorted()).toEqual([HIDDEN, MARIA, SHY].toSorted())
  })

  it('show what they show, by number and by hidden identity', async () => {
    const group = (await ground.harness.post('/groups', {
      owner: MARIA,
      subject: 'Friends',
      members: [PHONE, HIDDEN],
    })) as { group: { id: string } }
    const hidden = await ask('contact.get', { contactId: HIDDEN })
    expect(hidden).toMatchObject({
      phone: HIDDEN,
      about: expect.stringContaining('WhatsApp'),
      picture: null,
      commonGroups: [group.group.id],
      business: null,
      saved: false,
    })
    expect(await ask('contact.get', { contactId: hidden.lid ?? '' })).toEqual(hidden)
    expect(await ask('contact.get', { contactId: SHY })).toMatchObject({ about: null, picture: null })
    expect(await ask('contact.get', { contactId: NEW })).toMatchObject({ phone: NEW, name: null })
    await expect(ask('contact.get', { contactId: NOT_THERE })).rejects.toMatchObject({
      code: 'contact_not_found',
    })
    expect(await ask('lid.get', { contactId: hidden.lid ?? '' })).toMatchObject({ phone: HIDDEN })
    expect(await ask('lid.get', { contactId: MARIA })).toMatchObject({ lid: expect.stringMatching(/@lid$/) })
    await expect(ask('lid.get', { contactId: '123456789012345@lid' })).rejects.toMatchObject({
      code: 'contact_not_found',
    })
  })

  it('are put into the address book, renamed there and taken out', async () => {
    expect(
      await ask('contact.save', { contactId: HIDDEN, firstName: 'Hanna', lastName: 'Vogt' }),
    ).toMatchObject({ phone: HIDDEN, name: 'Hanna Vogt', saved: true })
    expect(await ask('contact.save', { contactId: HIDDEN, firstName: 'Johanna' })).toMatchObject({
      name: 'Johanna',
    })
    for (const _twice of [1, 2])
      expect(await ask('contact.delete', { contactId: HIDDEN })).toMatchObject({ name: null, saved: false })
  })

  it('are blocked and unblocked, whichever identity names them', async () => {
    const { lid = '' } = await ask('contact.get', { contactId: MARIA })
    for (const _twice of [1, 2])
      expect(await ask('contact.block', { contactId: MARIA })).toMatchObject({ blocked: true })
    expect((await ask('blocked.list', {})).items.map(({ phone }) => phone)).toEqual([MARIA])
    expect(await ask('contact.get', { contactId: lid })).toMatchObject({ blocked: true })
    const blocked = await ask('contact.list', { blocked: 'true' })
    expect(blocked.items.map(({ phone }) => phone)).toEqual([MARIA])
    expect(await ask('contact.unblock', { contactId: lid })).toMatchObject({ blocked: false })
    expect((await ask('blocked.list', {})).items).toEqual([])
  })

  it('are asked for by their numbers', async () => {
    expect(await ask('number.check', { phone: `+${MARIA}` })).toMatchObject({ phone: MARIA, exists: true })
    expect(await ask('number.check', { phone: NOT_THERE })).toEqual({ phone: NOT_THERE, exists: false })
    const newcomer = '4915112340099'
    expect(await ask('lid.get', { contactId: newcomer })).toMatchObject({
      phone: newcomer,
      lid: expect.stringMatching(/@lid$/),
    })
  })

  asTheTableSays(import.meta.filename, build, () => ground)
})
