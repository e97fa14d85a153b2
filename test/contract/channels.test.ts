import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildNames } from '../simulator/builds.ts'
import { pair } from './client-steps.ts'
import { asTheTableSays, type OperationsGround, operationsGround } from './operations-ground.ts'
import { textTo } from './outgoing-message.ts'

const PHONE = '5511911111111'
const MARIA = '5511999887766'
const HANNA = '4915112345678'

describe.each(buildNames)('the channels of an account on the %s build', (build) => {
  let ground: OperationsGround
  beforeAll(async () => {
    ground = await operationsGround(PHONE, { build })
  })
  afterAll(async () => {
    await ground.harness.end()
  })
  const ask: OperationsGround['ask'] = (name, input) => ground.ask(name, input)
  const atServer = async (id: string) => {
    type Channel = { id: string; subscribers: string[]; admins: string[]; adminInvites: string[] }
    const { channels } = (await ground.harness.get('/channels')) as { channels: Channel[] }
    return channels.find((one) => one.id === id)
  }
  const ofMaria = async (name: string, subscribers: string[] = []) =>
    (
      (await ground.harness.post('/channels', { owner: MARIA, name, subscribers })) as {
        channel: { id: string; inviteCode: string }
      }
    ).channel

  it('are made, changed, written in and deleted', async () => {
    const made = await ask('channel.create', { name: 'News', description: 'Once a week' })
    expect(made).toMatchObject({
      ...{ name: 'News', description: 'Once a week', role: 'owner', subscribers: 0, reactions: 'all' },
      ...{ muted: false, verified: false, inviteLink: expect.stringContaining('/channel/') },
    })
    const { id: channelId } = made
    expect(await ask('channel.get', { channelId })).toEqual(made)
    const changed = await ask('channel.update', { channelId, name: 'Good news', reactions: 'basic' })
    expect(changed).toEqual({ ...made, name: 'Good news', reactions: 'basic' })
    expect(await ask('channel.update', { channelId, description: '' })).toMatchObject({ description: null })

    const picture = expect.stringMatching(/^https:\/\/pps\.whatsapp\.net\//)
    const media = await ground.picture()
    expect(await ask('channel.set-picture', { channelId, media })).toMatchObject({ picture })
    expect(await ask('channel.delete-picture', { channelId })).toMatchObject({ picture: null })

    for (const text of ['one', 'two', 'three']) await ground.client.send(textTo(channelId, text))
    const first = await ask('channel.messages', { channelId, limit: 2 })
    expect(first.items.map(({ text, chatId }) => [text, chatId])).toEqual([
      ['three', channelId],
      ['two', channelId],
    ])
    const rest = await ask('channel.messages', { channelId, limit: 2, cursor: first.nextCursor ?? '' })
    expect(rest).toMatchObject({ items: [{ text: 'one', fromMe: true }], nextCursor: null })

    expect(await ask('channel.delete', { channelId })).toEqual({ id: channelId })
    expect(await atServer(channelId)).toBeUndefined()
    for (const name of ['channel.get', 'channel.delete', 'channel.messages'] as const)
      await expect(ask(name, { channelId })).rejects.toMatchObject({ code: 'chat_not_found' })
  })

  it('are found in the directory or by a link, read, muted, and read no more', async () => {
    const { id: channelId, inviteCode } = await ofMaria('Tea and talk')
    const { items } = await ask('channel.search', { q: 'TEA', country: 'de' })
    expect(items).toMatchObject([{ id: channelId, name: 'Tea and talk', role: 'guest', muted: false }])
    const link = `https://whatsapp.com/channel/${inviteCode}`
    expect(await ask('channel.by-invite', { code: link })).toMatchObject({ id: channelId, role: 'guest' })
    await expect(ask('channel.by-invite', { code: 'AbCdEfGhIjKlMn' })).rejects.toMatchObject({
      code: 'invite_not_valid',
    })
    await expect(ask('channel.mute', { channelId })).rejects.toMatchObject({ code: 'whatsapp_refused' })

    const listed = async () => (await ask('channel.list', {})).items.map(({ id }) => id)
    expect(await listed()).not.toContain(channelId)
    expect(await ask('channel.subscribe', { channelId })).toMatchObject({
      role: 'subscriber',
      subscribers: 1,
    })
    expect(await listed()).toContain(channelId)
    expect((await ask('channel.search', { q: 'tea' })).items).toEqual([])

    expect(await ask('channel.mute', { channelId })).toMatchObject({ muted: true })
    expect(await ask('channel.get', { channelId })).toMatchObject({ muted: true })
    expect(await ask('channel.unmute', { channelId })).toMatchObject({ muted: false })
    expect(await ask('channel.get', { channelId })).toMatchObject({ muted: false })

    await ground.harness.post('/channels/post', { channel: channelId, body: 'Fresh leaves' })
    const { items: posts } = await ask('channel.messages', { channelId })
    expect(posts).toMatchObject([{ text: 'Fresh leaves', fromMe: false }])

    expect(await ask('channel.unsubscribe', { channelId })).toMatchObject({ role: 'guest' })
    expect((await atServer(channelId))?.subscribers).toEqual([])
    expect(await listed()).not.toContain(channelId)
  })

  it('are changed by their admins alone, whom the owner invites and dismisses', async () => {
    const { id: theirs } = await ofMaria('Theirs', [PHONE])
    for (const [name, input] of [
      ['channel.update', { channelId: theirs, name: 'Mine' }],
      ['channel.delete', { channelId: theirs }],
      ['channel.set-picture', { channelId: theirs, media: await ground.picture() }],
      ['channel.subscribers', { channelId: theirs }],
      ['channel.invite-admin', { channelId: theirs, contactId: HANNA }],
      ['channel.dismiss-admin', { channelId: theirs, contactId: MARIA }],
    ] as const)
      await expect(ask(name, input as never), name).rejects.toMatchObject({ code: 'not_channel_admin' })
    await expect(ask('channel.accept-admin-invite', { channelId: theirs })).rejects.toMatchObject({
      code: 'whatsapp_refused',
    })
    await ground.harness.post('/channels/invite', { channel: theirs, number: PHONE })
    expect(await ask('channel.accept-admin-invite', { channelId: theirs })).toMatchObject({ role: 'admin' })
    expect(await ask('channel.update', { channelId: theirs, name: 'Ours' })).toMatchObject({ name: 'Ours' })
    expect(await ask('channel.dismiss-admin', { channelId: theirs, contactId: PHONE })).toMatchObject({
      phone: PHONE,
    })
    expect(await ask('channel.get', { channelId: theirs })).toMatchObject({ role: 'subscriber' })

    const { id: channelId } = await ask('channel.create', { name: 'Mine' })
    const hanna = ground.harness.client('hanna')
    await pair(ground.harness, hanna, HANNA)
    const invited = await ask('channel.invite-admin', { channelId, contactId: HANNA, text: 'Will you?' })
    expect(invited).toMatchObject({ phone: HANNA })
    expect((await atServer(channelId))?.adminInvites).toEqual([HANNA])
    const { messages } = (await ground.harness.get(`/messages?account=${PHONE}&to=${HANNA}`)) as {
      messages: object[]
    }
    expect(messages.at(-1)).toMatchObject({
      type: 'newsletter_admin_invite',
      extras: { newsletterAdminInviteInfo: { newsletterId: channelId, inviteMessage: 'Will you?' } },
    })
    await ask('channel.revoke-admin-invite', { channelId, contactId: HANNA })
    expect((await atServer(channelId))?.adminInvites).toEqual([])

    await ask('channel.invite-admin', { channelId, contactId: HANNA })
    await hanna.perform('channel.accept-admin-invite', { channelId }, Date.now() + 10_000)
    expect(await ask('channel.subscribers', { channelId })).toMatchObject({
      items: [{ phone: HANNA, role: 'admin' }],
    })
    await ask('channel.dismiss-admin', { channelId, contactId: HANNA })
    expect((await atServer(channelId))?.admins).toEqual([])
    await hanna.close()
  })

  asTheTableSays(import.meta.filename, build, () => ground)
})
