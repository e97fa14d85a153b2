import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Stack } from '../support/stack.ts'
import { waitFor } from '../support/wait-for.ts'

const PHONE = '5511911111111'
const MARIA = '5511999887766'

/** One red pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
)
const PDF = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(200_000)])
const LARGE = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(40_000_000)])

let stack: Stack
beforeAll(async () => {
  stack = await Stack.start({
    simulator: { build: '2026-09' },
    env: { MEDIA_ALLOW: '127.0.0.1/32' },
    converter: true,
  })
  await stack.pair('files', PHONE)
})
afterAll(async () => {
  await stack.close()
})

const post = async (path: string, body: BodyInit, headers: Record<string, string> = {}) => {
  const { address, token } = stack.api
  const response = await fetch(address + path, {
    ...{ method: 'POST', body },
    headers: { authorization: `Bearer ${token}`, 'x-session-id': 'files', ...headers },
  })
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}
const arrived = async (id: string | undefined) => {
  const { url } = stack.simulator
  const found = await waitFor('the message', async () => {
    const answer = (await (await fetch(`${url}/messages?id=${id}`)).json()) as { messages: object[] }
    return answer.messages[0]
  })
  const bytes = await (await fetch(`${url}/messages/${id}/media`)).arrayBuffer()
  return { found, bytes: Buffer.from(bytes) }
}

it('brings files to a person byte for byte, however they came, in the order in which they were accepted', async () => {
  const upload = await post('/media', new Uint8Array(PNG))
  expect(upload).toMatchObject({ status: 201, body: { mimetype: 'image/png' } })
  const form = new FormData()
  form.set('to', MARIA)
  form.set('caption', 'the whole')
  form.set('file', new File([new Uint8Array(LARGE)], 'relatório.pdf'))
  const image = { type: 'image', caption: 'red', media: { upload: upload.body.id } }
  const small = { type: 'document', filename: 'x', media: { data: PDF.toString('base64') } }
  const large = await post('/send?wait=none', form)
  expect(large.status).toBe(202)
  const [red, document, text] = await Promise.all(
    [image, small, 'and a text'].map((message) => stack.api.send('files', MARIA, message)),
  )
  // A busy machine may take longer with the large one before them than `/send` waits.
  for (const answer of [red, document, text]) expect([200, 202]).toContain(answer?.status)

  const whole = await arrived(large.body.id)
  expect(whole.found).toMatchObject({
    ...{ type: 'document', extras: { filename: 'relatório.pdf', caption: 'the whole' } },
  })
  expect(whole.bytes.equals(LARGE)).toBe(true)
  const picture = await arrived(String(red?.body.id))
  expect(picture.found).toMatchObject({ type: 'image', extras: { caption: 'red', mimetype: 'image/png' } })
  expect(picture.bytes.equals(PNG)).toBe(true)
  const paper = await arrived(String(document?.body.id))
  expect(paper.found).toMatchObject({ extras: { filename: 'x.pdf', mimetype: 'application/pdf' } })
  expect(paper.bytes.equals(PDF)).toBe(true)

  await arrived(String(text?.body.id))
  const messages = await stack.simulator.messages(PHONE, MARIA)
  expect(messages[0]?.id).toBe(large.body.id)
  expect(messages.map(({ copies }) => copies)).toEqual([1, 1, 1, 1])
})

it('brings files from every source to a group and as status, says why one does not go, and writes in a channel', async () => {
  const act = async (path: string, body: object) => {
    const answer = await fetch(stack.simulator.url + path, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify(body),
    })
    return (await answer.json()) as { group: { id: string }; channel: { id: string } }
  }
  const { group } = await act('/groups', { owner: MARIA, subject: 'Tea', members: [PHONE] })
  const { channel: own } = await act('/channels', { owner: PHONE, name: 'own', subscribers: [MARIA] })
  const { channel: read } = await act('/channels', { owner: MARIA, name: 'read', subscribers: [PHONE] })
  const { body: upload } = await post('/media', new Uint8Array(PNG))
  const origin = createServer((_request, response) => response.end(PNG))
  await once(origin.listen(0, '127.0.0.1'), 'listening')
  const send = async (to: string, media: object | 'form') => {
    if (media !== 'form') return await stack.api.send('files', to, { type: 'image', caption: 'red', media })
    const form = new FormData()
    for (const [name, value] of Object.entries({ to, type: 'image', caption: 'red' })) form.set(name, value)
    form.set('file', new File([new Uint8Array(PNG)], 'red.png'))
    return await post('/send', form)
  }
  const url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}/red.png`
  const sources = [{ upload: upload.id }, { url }, { data: PNG.toString('base64') }, 'form'] as const
  for (const source of sources) {
    for (const to of [group.id, 'status@broadcast']) {
      const { status, body } = await send(to, source)
      expect([status, body.error], to).toEqual([200, undefined])
      const { found, bytes } = await arrived(String(body.id))
      expect(found).toMatchObject({ chatId: to, type: 'image', extras: { caption: 'red', width: 1 } })
      expect(bytes.equals(PNG)).toBe(true)
    }
    expect(await send(own.id, source)).toMatchObject({
      ...{ status: 501, body: { code: 'not_available_in_this_page' } },
    })
  }
  origin.close()
  const poll = { type: 'poll', question: 'When?', options: ['now', 'later'] }
  for (const message of ['news', poll])
    expect((await stack.api.send('files', own.id, message)).status).toBe(200)

  const refusals = async (to: string, code: string) =>
    expect((await stack.api.send('files', to, poll)).body).toMatchObject({ code })
  await refusals(read.id, 'not_channel_admin')
  await refusals('120363999999999999@g.us', 'chat_not_found')
  for (const [nack, meaning] of [
    [421, 'The group addresses its members in another way'],
    [403, 'in a group it may have been removed'],
  ] as const) {
    await stack.simulator.set({ accounts: { [PHONE]: { nacks: { [group.id]: nack } } } })
    expect(await send(group.id, sources[0])).toMatchObject({
      status: 502,
      body: { code: 'send_failed', whatsapp: { code: nack, meaning: expect.stringContaining(meaning) } },
    })
  }
  await stack.simulator.set({ accounts: {} })
  await act('/groups/change', { group: group.id, by: MARIA, announce: true })
  await refusals(group.id, 'group_admins_only')
  await act('/groups/members', { group: group.id, by: MARIA, action: 'promote', numbers: [PHONE] })
  expect((await send(group.id, sources[0])).status).toBe(200)
  await act('/groups/leave', { group: group.id, by: PHONE })
  await refusals(group.id, 'not_in_group')
})

it('gives back what others sent, under its name, and again when WhatsApp has it no more', async () => {
  const media = { mimetype: 'application/pdf', data: PDF.toString('base64'), filename: 'отчёт.pdf' }
  const { url } = stack.simulator
  const inbound = await fetch(`${url}/inbound`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ account: PHONE, from: MARIA, media }),
  })
  const { message } = (await inbound.json()) as { message: { id: string } }
  const { address, token } = stack.api
  for (const _twice of [1, 2]) {
    const response = await fetch(`${address}/messages/false_${MARIA}@c.us_${message.id}/media`, {
      headers: { authorization: `Bearer ${token}`, 'x-session-id': 'files' },
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/pdf')
    expect(response.headers.get('content-disposition')).toContain(encodeURIComponent('отчёт.pdf'))
    expect(PDF.equals(Buffer.from(await response.arrayBuffer()))).toBe(true)
    await fetch(`${url}/messages/${message.id}/media`, { method: 'DELETE' })
  }
})

it('says of a file that WhatsApp does not take that it is not sent, and goes on', async () => {
  // It begins as a picture does, which is all that the gateway looks at; the page cannot draw it.
  const broken = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), randomBytes(100)])
  const media = { data: broken.toString('base64') }
  const refused = await stack.api.send('files', MARIA, { type: 'image', media })
  expect(refused).toMatchObject({ status: 502, body: { code: 'send_failed' } })
  expect((await stack.api.send('files', MARIA, 'still here')).status).toBe(200)
})
