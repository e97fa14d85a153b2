import type { OperationInput } from '@wsg/shared/operations/operations.ts'
import type { PageOperationName } from '@wsg/worker/src/whatsapp/page/operations/page-operations.ts'
import type { WhatsAppClient } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BuildName, buildNames } from '../simulator/builds.ts'
import { waitFor } from '../support/wait-for.ts'
import { nextEvent, pair } from './client-steps.ts'
import { newMessageId, textTo } from './outgoing-message.ts'
import { type SimulatorHarness, simulatorHarness } from './simulator-harness.ts'

const PHONE = '4915112345678'
const FRIEND = '491701234567'
/** WhatsApp keeps its chat under the hidden identity. */
const HIDDEN = '491709876543'
const CHAT = `${FRIEND}@c.us`
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
const refusal = (code: string) => ({ name: 'OperationRefused', code })

let harness: SimulatorHarness
let client: WhatsAppClient
/** A text of the account that was sent on the build before, and that this page has only in its store. */
let stored: string

beforeAll(async () => {
  harness = await simulatorHarness({
    ...{ build: 'legacy', syncDelayMs: 20, deliveredAckDelayMs: 0, readAckDelayMs: 86_400_000 },
    lidByNumber: { [HIDDEN]: 'all-under-lid' },
  })
  client = harness.client('a')
  await pair(harness, client, PHONE)
  stored = await sent('to be edited later')
})
afterAll(async () => {
  await harness.end()
})

const perform = <N extends PageOperationName>(name: N, input: OperationInput<N>, withinMs = 10_000) =>
  client.perform(name, input, Date.now() + withinMs)
const plain = { mentions: [], linkPreview: false }

/** @returns WhatsApp's full id of a text that the account has sent */
async function sent(text: string, chatId = CHAT): Promise<string> {
  const message = textTo(chatId, text)
  const { messageId } = await client.send(message)
  await waitFor('the text', () => harness.message(message.messageId))
  return messageId
}
/** A poll of the account. */
async function sentPoll(multiple: boolean): Promise<string> {
  const pollOptions = ['Tea', 'Coffee', 'Cake'].map((name, localId) => ({ name, localId }))
  const poll = { pollName: 'What?', pollOptions, options: { allowMultipleAnswers: multiple } }
  return (await client.send({ ...textTo(CHAT, ''), options: { poll } })).messageId
}
const partOf = (fullId: string) => fullId.split('_')[2] ?? ''
const theirs = async (text: string, from = FRIEND) =>
  `false_${from}@c.us_${await harness.writeTo(PHONE, from, text)}`
/** A text that the account wrote on its phone so many minutes ago. */
async function old(minutes: number): Promise<string> {
  const letter = { account: PHONE, to: FRIEND, body: 'old', at: ago(minutes) }
  const { message } = (await harness.post('/outbound', letter)) as { message: { id: string } }
  return `true_${CHAT}_${message.id}`
}
/** What arrived of that about a message, each as what it says, in order. */
const said = async (fullId: string) => await harness.addOns(partOf(fullId))

describe.each(buildNames)('what one does with messages on the build %s', (build: BuildName) => {
  beforeAll(async () => {
    if (build === 'legacy') return
    await harness.set({ build })
    const engine = nextEvent(client, 'engine')
    await harness.post('/reload', { account: PHONE })
    await engine
  })

  test('an own text that only the store has is edited, with mention and preview, and nothing twice', async () => {
    const edit = { id: stored, text: 'see https://example.org @491701234567', linkPreview: true }
    for (const _twice of [1, 2])
      expect(await perform('message.edit', { ...edit, mentions: [CHAT] })).toEqual({
        ...{ id: partOf(stored), messageId: stored, chatId: CHAT, text: edit.text },
      })
    expect(await said(stored)).toEqual([
      {
        ...{ type: 'message_edit', text: edit.text },
        extras: expect.objectContaining({ mentionedJidList: [CHAT], title: expect.any(String) }),
      },
    ])
    const again = await perform('message.edit', { id: partOf(stored), text: 'and once more', ...plain })
    expect(again).toMatchObject({ messageId: stored })
    expect((await said(stored)).at(-1)).toMatchObject({ text: 'and once more' })
    stored = await sent('to be edited on the next build')
  })

  test('what cannot be edited is refused with the reason, before anything is tried', async () => {
    const edit = (id: string) => perform('message.edit', { id, text: 'other', ...plain })
    const [other, tooOld, poll] = [await theirs('mine'), await old(16), await sentPoll(false)]
    await expect(edit(other)).rejects.toMatchObject(refusal('message_not_own'))
    await expect(edit(tooOld)).rejects.toMatchObject(refusal('message_too_old'))
    await expect(edit(poll)).rejects.toMatchObject(refusal('message_not_editable'))
    await expect(edit(`true_${CHAT}_${newMessageId()}`)).rejects.toMatchObject(refusal('message_not_found'))
    await expect(edit(newMessageId())).rejects.toMatchObject(refusal('message_not_found'))
    for (const id of [other, tooOld, poll]) expect(await said(id)).toEqual([])
  })

  test('a message is deleted for everyone once, or for the account alone, and else the reason is told', async () => {
    const mine = await sent('to be deleted')
    for (const _twice of [1, 2])
      expect(await perform('message.revoke', { id: mine, forEveryone: true })).toMatchObject({
        ...{ messageId: mine, forEveryone: true },
      })
    expect(await said(mine)).toEqual([{ type: 'revoke' }])
    const edit = perform('message.edit', { id: mine, text: 'other', ...plain })
    await expect(edit).rejects.toMatchObject(refusal('message_revoked'))
    const react = perform('message.react', { id: mine, emoji: '👍' })
    await expect(react).rejects.toMatchObject(refusal('message_revoked'))

    const [other, tooOld] = [await theirs('mine'), await old(60 * 24 * 3)]
    const revoke = (id: string, forEveryone: boolean) => perform('message.revoke', { id, forEveryone })
    await expect(revoke(other, true)).rejects.toMatchObject(refusal('message_not_own'))
    await expect(revoke(tooOld, true)).rejects.toMatchObject(refusal('message_too_old'))
    for (const id of [other, tooOld]) {
      expect(await revoke(id, false)).toMatchObject({ messageId: id, forEveryone: false })
      await expect(revoke(id, false)).rejects.toMatchObject(refusal('message_not_found'))
      expect(await said(id)).toEqual([])
    }
  })

  test('an admin deletes what a member of the group wrote, and nobody else does', async () => {
    const group = await harness.group({ owner: PHONE, members: [FRIEND, HIDDEN] })
    const foreign = await harness.group({ owner: FRIEND, members: [PHONE, HIDDEN] })
    for (const { id, isOurs } of [
      { id: group, isOurs: true },
      { id: foreign, isOurs: false },
    ]) {
      const part = await harness.writeInGroup(id, HIDDEN, 'hello')
      const key = `false_${id}_${part}_${HIDDEN}@c.us`
      const revoking = perform('message.revoke', { id: key, forEveryone: true })
      if (isOurs) expect(await revoking).toMatchObject({ id: part, chatId: id })
      else await expect(revoking).rejects.toMatchObject(refusal('message_not_own'))
      expect(await said(key)).toEqual(isOurs ? [{ type: 'revoke' }] : [])
    }
  })

  test('a reaction is shown, replaced and taken back, also on a message that is named by number in a chat under a LID', async () => {
    const there = await theirs('hello', HIDDEN)
    for (const emoji of ['👍', '👍🏽', ''])
      expect(await perform('message.react', { id: there, emoji })).toMatchObject({
        ...{ id: partOf(there), messageId: expect.stringContaining('@lid_'), emoji },
      })
    expect(await said(there)).toEqual(
      ['👍', '👍🏽', ''].map((reactionText) => ({ type: 'reaction', reactionText })),
    )
  })

  test('a vote is for options that the poll has, and for no more than it takes', async () => {
    const [one, many] = [await sentPoll(false), await sentPoll(true)]
    const vote = (id: string, ...options: string[]) => perform('message.vote', { id, options })
    expect(await vote(one, 'Coffee')).toMatchObject({ messageId: one, options: ['Coffee'] })
    expect(await vote(many, 'Cake', 'Tea')).toMatchObject({ options: ['Cake', 'Tea'] })
    expect(await vote(many)).toMatchObject({ options: [] })
    await expect(vote(one, 'Water')).rejects.toMatchObject({
      ...refusal('poll_options_invalid'),
      message: expect.stringContaining('"Tea","Coffee","Cake"'),
    })
    await expect(vote(one, 'Tea', 'Cake')).rejects.toMatchObject(refusal('poll_options_invalid'))
    await expect(vote(await theirs('no poll'), 'Tea')).rejects.toMatchObject(refusal('not_a_poll'))
    expect(await said(one)).toEqual([{ type: 'poll_update', selectedOptionLocalIds: [1] }])
    expect(await said(many)).toEqual([
      { type: 'poll_update', selectedOptionLocalIds: [0, 2] },
      { type: 'poll_update', selectedOptionLocalIds: [] },
    ])
  })

  test('a message gets a star and loses it, and is pinned for as long as was asked for', async () => {
    const id = await theirs('worth it')
    for (const name of ['message.star', 'message.star', 'message.unstar'] as const)
      expect(await perform(name, { id })).toMatchObject({ messageId: id, starred: name === 'message.star' })
    const { until } = await perform('message.pin', { id, seconds: 604_800 })
    expect(Math.abs(Date.parse(until) - Date.now() - 604_800_000)).toBeLessThan(60_000)
    expect(await perform('message.unpin', { id })).toMatchObject({ pinned: false })
    expect(await said(id)).toEqual([
      { type: 'pin_in_chat', pinType: 1, pinExpiryDuration: 604_800 },
      { type: 'pin_in_chat', pinType: 2, pinExpiryDuration: 0 },
    ])
  })

  test('what WhatsApp does not confirm is told as that, and what it cannot be asked for as not done', async () => {
    const id = await theirs('hello')
    await harness.setAcks(false)
    const reacting = perform('message.react', { id, emoji: '👍' }, 1_000)
    await expect(reacting).rejects.toMatchObject({ name: 'PageUnresponsive' })
    await harness.setAcks(true)
    expect(await said(id)).toHaveLength(1)

    await harness.set({ refusePages: true })
    const away = nextEvent(client, 'connection')
    await harness.dropConnection(PHONE)
    await away
    await expect(perform('message.react', { id, emoji: '🎉' })).rejects.toMatchObject({
      ...refusal('worker_failed'),
      message: expect.stringContaining('Nothing was done'),
    })
    const back = nextEvent(client, 'connection')
    await harness.set({ refusePages: false })
    await back
    await perform('message.react', { id, emoji: '❤' })
    expect((await said(id)).at(-1)).toEqual({ type: 'reaction', reactionText: '❤' })
    expect(JSON.stringify(await said(id))).not.toContain('🎉')
  })
})
