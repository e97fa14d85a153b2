import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builds, type OperationsGround, operationsGround } from './operations-ground.ts'

const PHONE = '5511911111111'
const MARIA = '5511999887766'
const HANNA = '4915112345678'
/** Nobody can add this one, but only invite. */
const CAREFUL = '4915112340002'
const NOT_THERE = '491709999999'
const STRANGER = '4915112340003'

describe.each(builds)('the groups of an account on the %s build', (build) => {
  let ground: OperationsGround
  beforeAll(async () => {
    ground = await operationsGround(PHONE, {
      build,
      unregistered: [NOT_THERE],
      groupsByInvitationOnly: [CAREFUL],
    })
    // The page knows these from their messages.
    for (const from of [HANNA, MARIA]) await ground.harness.writeTo(PHONE, from, 'Oi')
  })
  afterAll(async () => {
    await ground.harness.end()
  })
  const ask: OperationsGround['ask'] = (name, input) => ground.ask(name, input)
  const groupOf = async (groupId: string) => {
    const { groups } = (await ground.harness.get('/groups')) as { groups: Record<string, unknown>[] }
    return groups.find(({ id }) => id === groupId) as {
      members: Record<string, string>
      inviteCode: string
      requests: string[]
    }
  }
  const codesOf = (answer: { results: { person: string; code: number }[] }) =>
    Object.fromEntries(answer.results.map(({ person, code }) => [person, code]))

  it('are made, each person told of, and changed', async () => {
    const made = await ask('group.create', {
      subject: 'Team',
      participants: [`+${MARIA}`, CAREFUL, NOT_THERE],
    })
    const { groupId } = made
    expect(codesOf(made)).toEqual({ [MARIA]: 200, [CAREFUL]: 403, [NOT_THERE]: 404 })
    expect(made.results.find(({ person }) => person === CAREFUL)?.invite?.code).toEqual(expect.any(String))
    expect((await groupOf(groupId)).members).toEqual({ [PHONE]: 'superadmin', [MARIA]: 'member' })

    const changed = await ask('group.update', {
      groupId,
      subject: 'The team',
      description: 'Monday at nine',
      onlyAdminsSend: true,
      onlyAdminsEdit: true,
      onlyAdminsAdd: true,
    })
    expect(changed).toMatchObject({
      id: groupId,
      subject: 'The team',
      description: 'Monday at nine',
      size: 2,
      isAdmin: true,
      ...{ onlyAdminsSend: true, onlyAdminsEdit: true, onlyAdminsAdd: true, approvalNeeded: false },
    })
    expect(await ask('group.get', { groupId })).toEqual(changed)
    expect(changed.participants).toContainEqual(expect.objectContaining({ phone: MARIA, role: 'member' }))
    const back = await ask('group.update', { groupId, description: '', onlyAdminsSend: false })
    expect(back).toMatchObject({ description: null, onlyAdminsSend: false, onlyAdminsEdit: true })
    expect((await ask('group.list', {})).items.map(({ id }) => id)).toContain(groupId)
  })

  it.each([
    ['hidden identities', true],
    ['numbers', false],
  ])(
    'that are kept by %s take people, by number and by hidden identity',
    async (_by, isLidAddressingMode) => {
      const { group } = (await ground.harness.post('/groups', {
        ...{ owner: PHONE, subject: 'Friends', members: [MARIA], isLidAddressingMode },
      })) as { group: { id: string } }
      const groupId = group.id
      const { lid = '' } = await ask('lid.get', { contactId: HANNA })
      expect(codesOf(await ask('group.participants', { groupId, add: [lid, MARIA, NOT_THERE] }))).toEqual({
        [lid]: 200,
        [MARIA]: 409,
        [NOT_THERE]: 404,
      })
      expect(codesOf(await ask('group.participants', { groupId, promote: [HANNA, STRANGER] }))).toEqual({
        [HANNA]: 200,
        [STRANGER]: 404,
      })
      expect((await groupOf(groupId)).members).toMatchObject({ [HANNA]: 'admin', [MARIA]: 'member' })
      expect(codesOf(await ask('group.participants', { groupId, demote: [lid], remove: [MARIA] }))).toEqual({
        [lid]: 200,
        [MARIA]: 200,
      })
      expect((await groupOf(groupId)).members).toEqual({ [PHONE]: 'superadmin', [HANNA]: 'member' })

      expect(await ask('group.leave', { groupId })).toEqual({ groupId })
      expect((await groupOf(groupId)).members).not.toHaveProperty(PHONE)
      for (const name of ['group.leave', 'group.get', 'group.invite'] as const)
        await expect(ask(name, { groupId })).rejects.toMatchObject({ code: 'not_in_group' })
    },
  )

  it('are joined by a link, at once or when an admin lets the account in, and the link can be renewed', async () => {
    const { groupId } = await ask('group.create', { subject: 'Open', participants: [] })
    const invite = await ask('group.invite', { groupId })
    expect(invite.code).toBe((await groupOf(groupId)).inviteCode)
    expect(await ask('group.invite-info', { code: invite.link })).toMatchObject({
      id: groupId,
      subject: 'Open',
      size: 1,
    })
    const renewed = await ask('group.revoke-invite', { groupId })
    expect(renewed.code).not.toBe(invite.code)
    for (const name of ['group.invite-info', 'group.join'] as const)
      await expect(ask(name, { code: invite.code })).rejects.toMatchObject({ code: 'invite_not_valid' })

    const others = async (membershipApprovalMode: boolean) =>
      (
        (await ground.harness.post('/groups', {
          owner: MARIA,
          subject: 'Theirs',
          membershipApprovalMode,
        })) as {
          group: { id: string; inviteCode: string }
        }
      ).group
    const open = await others(false)
    expect(await ask('group.join', { code: open.inviteCode })).toEqual({ groupId: open.id, joined: true })
    for (const change of [{ onlyAdminsSend: true }])
      await expect(ask('group.update', { groupId: open.id, ...change })).rejects.toMatchObject({
        code: 'not_group_admin',
      })
    const shut = await others(true)
    expect(await ask('group.join', { code: shut.inviteCode })).toEqual({ groupId: shut.id, joined: false })
    expect((await groupOf(shut.id)).requests).toEqual([PHONE])
  })

  it('let in who asks for it, or turn them away', async () => {
    const { groupId } = await ask('group.create', { subject: 'Guarded', participants: [] })
    await ground.harness.post('/groups/change', { group: groupId, by: PHONE, membershipApprovalMode: true })
    const { code } = await ask('group.invite', { groupId })
    for (const by of [MARIA, HANNA]) await ground.harness.post('/groups/join', { by, code })
    const { items } = await ask('group.requests', { groupId })
    expect(items.map(({ phone }) => phone).toSorted()).toEqual([HANNA, MARIA].toSorted())
    const decided = await ask('group.decide', { groupId, approve: [MARIA, STRANGER], reject: [HANNA] })
    expect(codesOf(decided)).toEqual({ [MARIA]: 200, [STRANGER]: 404, [HANNA]: 200 })
    const group = await groupOf(groupId)
    expect([Object.keys(group.members), group.requests]).toEqual([[PHONE, MARIA], []])
  })
})
