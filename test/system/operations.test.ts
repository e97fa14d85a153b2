import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Stack } from '../support/stack.ts'
import { waitFor } from '../support/wait-for.ts'

const PHONES = { legacy: '5511911111111', '2026-07': '5511922222222' }
const MARIA = '5511999887766'
/** WhatsApp keeps its chat under the hidden identity. */
const HIDDEN = '4915112345678'
const NOT_THERE = '491709999999'

let stack: Stack
beforeAll(async () => {
  stack = await Stack.start({
    simulator: {
      // Nobody reads by himself what the account wrote, or it wrote.
      readAckDelayMs: 86_400_000,
      lidByNumber: { [HIDDEN]: 'all-under-lid' },
      unregistered: [NOT_THERE],
    },
  })
})
afterAll(async () => {
  await stack.close()
})

describe.each(Object.entries(PHONES))('operations on the %s build', (session, phone) => {
  const ask = (method: string, path: string, body?: unknown) =>
    stack.api.request(path, { method, session, ...(body !== undefined && { body }) })
  const chatOf = async (from: string, text: string) => {
    await stack.simulator.inbound(phone, from, text)
    return await waitFor('the chat', async () => {
      const { status, body } = await ask('GET', `/chats/${from}`)
      return status === 200 && Number(body.unreadCount) > 0 && body
    })
  }

  beforeAll(async () => {
    await stack.simulator.set({ build: session })
    await stack.pair(session, phone)
  })

  it('tells whether a number is on WhatsApp, and its chat and LID', async () => {
    expect(await ask('GET', '/numbers/+55%2011%2099988-7766')).toMatchObject({
      status: 200,
      body: { phone: MARIA, exists: true, chatId: `${MARIA}@c.us`, lid: expect.stringMatching(/^\d+@lid$/) },
    })
    expect((await ask('GET', `/numbers/${NOT_THERE}`)).body).toEqual({ phone: NOT_THERE, exists: false })
    for (const none of ['Maria', '0119876', `${MARIA}-${MARIA}@g.us`])
      expect(await ask('GET', `/numbers/${none}`)).toMatchObject({
        status: 400,
        body: { code: 'invalid_request' },
      })
  })

  it('shows a chat, named by number, chat id or LID, and says so where there is none', async () => {
    const chat = await chatOf(MARIA, 'Oi')
    expect(chat).toEqual({
      id: `${MARIA}@c.us`,
      phone: MARIA,
      lid: expect.stringMatching(/^\d+@lid$/),
      name: expect.any(String),
      isGroup: false,
      unreadCount: 1,
      markedUnread: false,
      archived: false,
      pinned: false,
      muted: false,
      lastMessageAt: expect.stringMatching(/Z$/),
    })
    for (const name of [`+${MARIA}`, `${MARIA}%40c.us`, encodeURIComponent(String(chat.lid))])
      expect((await ask('GET', `/chats/${name}`)).body).toEqual(chat)
    for (const unknown of [NOT_THERE, '4915199999999', '120363041234567890%40g.us', '123456789012345%40lid'])
      expect(await ask('GET', `/chats/${unknown}`)).toMatchObject({
        status: 404,
        body: { code: 'chat_not_found', sessionId: session },
      })
  })

  it('marks a chat as read by its number though it is kept under a LID: the writer sees it', async () => {
    const { id, phone: number } = await chatOf(HIDDEN, 'Hallo')
    expect([String(id).endsWith('@lid'), number]).toEqual([true, HIDDEN])
    expect((await ask('POST', `/chats/${HIDDEN}/seen`)).body).toMatchObject({ id, unreadCount: 0 })
    await waitFor('the blue ticks', async () => {
      const [message] = await stack.simulator.messages(HIDDEN, phone)
      return message?.ack === 3
    })
    expect((await ask('POST', `/chats/${NOT_THERE}/seen`)).status).toBe(404)
  })

  it('shows that it types, records, and no longer does either', async () => {
    const { id } = await chatOf(MARIA, 'Tudo bem?')
    for (const state of ['typing', 'recording', 'paused'])
      expect((await ask('POST', `/chats/${MARIA}/typing`, { state })).body).toEqual({ id, state })
    await waitFor('the last one', async () => (await stack.simulator.chatStates(phone)).length === 3)
    expect((await stack.simulator.chatStates(phone)).map(({ state }) => state)).toEqual([
      'composing',
      'recording',
      'paused',
    ])
    expect((await ask('POST', `/chats/${MARIA}/typing`, { state: 'sleeping' })).status).toBe(400)
  })

  it('archives a chat and takes it out again, on the phone too', async () => {
    const { id } = await chatOf(MARIA, 'Até logo')
    for (const _twice of [1, 2])
      expect(await ask('PUT', `/chats/${MARIA}/archive`)).toMatchObject({
        status: 200,
        body: { id, archived: true },
      })
    expect((await ask('GET', `/chats/${MARIA}`)).body).toMatchObject({ archived: true })
    await waitFor('the phone to show it', async () => String(await stack.simulator.archived(phone)) === id)
    expect((await ask('DELETE', `/chats/${MARIA}/archive`)).body).toMatchObject({ archived: false })
    await waitFor('the phone to show that', async () => (await stack.simulator.archived(phone))?.length === 0)
  })
})

it('says what its account may not do and what its page lacks, and keeps from it only that', async () => {
  const session = 'kept'
  const phone = '5511933333333'
  const [first, second] = ['4915112340001', '4915112340002']
  const ask = (method: string, path: string, body?: unknown) =>
    stack.api.request(path, { method, session, ...(body !== undefined && { body }) })
  const status = async () => (await stack.api.get('/status', session)).body
  const lacking = 'WAWebCmd.Cmd.archiveChat'
  await stack.simulator.set({ build: '2026-09', missing: [lacking] })
  await stack.simulator.set({ accounts: { [phone]: { nacks: { [first]: 463, [second]: 463 } } } })
  await stack.pair(session, phone)
  await stack.simulator.inbound(phone, MARIA, 'Oi')
  expect(await status()).toMatchObject({
    status: 'ready',
    engine: { missing: [{ name: lacking, concerns: ['chat.archive', 'chat.unarchive'] }] },
  })
  expect(await ask('PUT', `/chats/${MARIA}/archive`)).toMatchObject({
    status: 501,
    body: { code: 'not_available_in_this_page', detail: expect.stringContaining(lacking) },
  })

  expect(await ask('POST', '/send', { to: first, message: 'Hello' })).toMatchObject({
    status: 502,
    body: { code: 'send_failed', whatsapp: { code: 463 } },
  })
  const { body } = await ask('POST', '/send?wait=none', { to: second, message: 'Hello' })
  expect((await ask('POST', '/send', { to: MARIA, message: 'Oi' })).status).toBe(200)
  expect((await ask('GET', `/messages/${body.id}`)).body).toMatchObject({ status: 'queued' })
  expect(await status()).toMatchObject({
    restriction: { kind: 'reach_out_time_lock', concerns: 'new_chats' },
  })
  await stack.simulator.set({ accounts: {} })
  expect((await ask('POST', '/queue/resume')).status).toBe(200)
  await waitFor('the end of the restriction', async () => (await status()).restriction === undefined)

  const login = 'WAWebCmd.Cmd.on'
  await stack.simulator.set({ missing: [login] })
  await ask('POST', '/session/restart')
  await waitFor('the reason', async () => (await status()).reason === 'page_unsupported')
  expect(await status()).toMatchObject({ engine: { missing: [{ name: login }] } })
  await stack.simulator.set({ missing: [] })
})
