import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildNames } from '../simulator/builds.ts'
import { asTheTableSays, type OperationsGround, operationsGround } from './operations-ground.ts'

const PHONE = '5511911111111'
const MARIA = '5511999887766'
const HANNA = '4915112345678'
/** Nobody can add this one, but only invite. */
const CAREFUL = '4915112340002'
const NOT_THERE = '491709999999'
const STRANGER = '4915112340003'

describe.each(buildNames)('the groups of an account on the %s build', (build) => {
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

  it('tell what was not tried where WhatsApp refuses a change', async () => {
    const { harness } = ground
    const groupId = await harness.group({ owner: PHONE, members: [MARIA] })
    await harness.set({ accounts: { [PHONE]: { refusals: { 'group.change': 406 } } } })
    const change = { groupId, subject: 'Ours', description: 'Of Maria and me' }
    await expect(ask('group.update', change)).rejects.toMatchObject({
      code: 'whatsapp_refused',
      message: 'WhatsApp refused subject: 406 refused. Not tried: description.',
    })
    await harness.set({ accounts: {} })
  })

  it('tell who is in them page by page, admins first, each person once', async () => {
    const members = Array.from({ length: 30 }, (_, n) => `1555${String(n).padStart(7, '0')}`)
    const { group } = (await ground.harness.post('/groups', {
      ...{ owner: MARIA, subject: 'Large', members: [PHONE, ...members] },
    })) as { group: { id: string } }
    const groupId = group.id
    const by = MARIA
    await ground.harness.post('/groups/members', { group: groupId, by, action: 'promote', numbers: [PHONE] })
    const first = await ask('group.members', { groupId, limit: '20' })
    expect(first.items.slice(0, 3).map(({ role }) => role)).toEqual(['superadmin', 'admin', 'member'])
    const second = await ask('group.members', { groupId, limit: '20', cursor: first.nextCursor ?? '' })
    expect(second.nextCursor).toBeNull()
    const phones = [...first.items, ...second.items].map(({ phone }) => phone)
    expect(phones.toSorted()).toEqual([MARIA, PHONE, ...members].toSorted())
    const admins = await ask('group.members', { groupId, role: 'admin' })
    expect(admins).toEqual({ items: [expect.objectContaining({ phone: PHONE })], nextCursor: null })
  })

  it('show a picture that their admins change', async () => {
    const { groupId } = await ask('group.create', { subject: 'Shown', participants: [MARIA] })
    const shown = await ask('group.set-picture', { groupId, media: await ground.picture() })
    expect(shown).toEqual({ groupId, picture: expect.stringMatching(/^https:\/\/pps\.whatsapp\.net\//) })
    expect(await ask('group.picture', { groupId })).toEqual(shown)
    expect(await ask('group.delete-picture', { groupId })).toEqual({ groupId, picture: null })

    const { group } = (await ground.harness.post('/groups', {
      ...{ owner: MARIA, subject: 'Theirs', members: [PHONE], restrict: true },
    })) as { group: { id: string } }
    const media = await ground.picture()
    await expect(ask('group.set-picture', { groupId: group.id, media })).rejects.toMatchObject({
      code: 'not_group_admin',
    })
  })

  it('invite whom nobody can add by a message, which is accepted by whoever gets one', async () => {
    const { groupId, results } = await ask('group.create', { subject: 'Private', participants: [CAREFUL] })
    const { code = '', expiresAt } = results[0]?.invite ?? {}
    const invitation = { groupId, person: CAREFUL, code, expiresAt: expiresAt ?? '', text: 'Join us' }
    expect(await ask('group.send-invitation', invitation)).toEqual({ groupId, person: CAREFUL })
    const { messages } = (await ground.harness.get(`/messages?account=${PHONE}&to=${CAREFUL}`)) as {
      messages: object[]
    }
    expect(messages.at(-1)).toMatchObject({
      type: 'groups_v4_invite',
      extras: { inviteGrp: groupId, inviteCode: code, comment: 'Join us', inviteGrpName: 'Private' },
    })
    await expect(ask('group.send-invitation', { ...invitation, person: NOT_THERE })).rejects.toMatchObject({
      code: 'recipient_not_on_whatsapp',
    })

    await ground.harness.set({ groupsByInvitationOnly: [CAREFUL, PHONE] })
    const { group } = (await ground.harness.post('/groups', {
      ...{ owner: MARIA, subject: 'Theirs', members: [PHONE] },
    })) as { group: { id: string; invitations: Record<string, string> } }
    await ground.harness.set({ groupsByInvitationOnly: [CAREFUL] })
    const received = (inviteCode: string) =>
      ground.harness.writeContent({ account: PHONE }, MARIA, {
        type: 'groups_v4_invite',
        fields: { inviteGrp: group.id, inviteGrpName: 'Theirs', inviteCode, inviteCodeExp: 2_000_000_000 },
      })
    const [wrong, right] = [await received('another-code'), await received(group.invitations[PHONE] ?? '')]
    await expect(ask('message.accept-invitation', { id: wrong })).rejects.toMatchObject({
      code: 'invite_not_valid',
    })
    expect(await ask('message.accept-invitation', { id: right })).toMatchObject({ groupId: group.id })
    expect((await groupOf(group.id)).members).toMatchObject({ [PHONE]: 'member' })
    const text = await ground.harness.writeContent({ account: PHONE }, MARIA, { body: 'Hi' })
    await expect(ask('message.accept-invitation', { id: text })).rejects.toMatchObject({
      code: 'message_not_allowed',
    })
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

  it.each([
    ['hidden identities', true],
    ['numbers', false],
  ])(
    'that are kept by %s tell of each person, by whatever they are named',
    async (_by, isLidAddressingMode) => {
      const { lid = '' } = await ask('lid.get', { contactId: HANNA })
      for (const named of [HANNA, lid]) {
        const { group } = (await ground.harness.post('/groups', {
          ...{ owner: PHONE, subject: 'Each', isLidAddressingMode },
        })) as { group: { id: string } }
        const groupId = group.id
        for (const [action, role] of [
          ['add', 'member'],
          ['promote', 'admin'],
          ['demote', 'member'],
          ['remove', undefined],
        ] as const) {
          const answer = await ask('group.participants', { groupId, [action]: [named, NOT_THERE] })
          expect([action, codesOf(answer)]).toEqual([action, { [named]: 200, [NOT_THERE]: 404 }])
          expect([action, (await groupOf(groupId)).members[HANNA]]).toEqual([action, role])
        }
      }
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

  asTheTableSays(import.meta.filename, build, () => ground)
})
