import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '@wsg/cli/src/run.ts'
import { operations } from '@wsg/shared/operations/operations.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { expect, vi } from 'vitest'
import { waitFor } from '../../../support/wait-for.ts'
import { gatewayTest } from '../gateway-test.ts'
import { hear } from '../hear.ts'

const test = gatewayTest
  .extend('address', { scope: 'file' }, async ({ gateway: { gateway } }) => {
    await gateway.app.listen({ host: '127.0.0.1', port: 0 })
    return `http://127.0.0.1:${(gateway.app.server.address() as AddressInfo).port}`
  })
  .extend('folder', { scope: 'file' }, async ({ address: _address }, { onCleanup }) => {
    const folder = await mkdtemp(join(tmpdir(), 'cli-'))
    onCleanup(() => rm(folder, { recursive: true }))
    return folder
  })
  /** Runs a command line against the gateway. @returns what it printed on both streams, and how it ended */
  .extend('wsg', ({ address }) => async (...args: string[]) => {
    const out: string[] = []
    const err: string[] = []
    const spies = [
      vi.spyOn(console, 'log').mockImplementation((line: string) => void out.push(line)),
      vi.spyOn(console, 'error').mockImplementation((line: string) => void err.push(line)),
      vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0),
    ]
    try {
      const code = await run(args, { WSG_URL: address, WSG_TOKEN: 'token-of-the-tests' })
      return { code, out: out.join('\n'), err: err.join('\n') }
    } finally {
      for (const spy of spies) spy.mockRestore()
    }
  })

const json = (text: string) => text.split('\n').map((line) => JSON.parse(line))

test('sends a text and a file of the only session there is, and tells what became of them', async ({
  wsg,
  ready,
  folder,
  queued,
}) => {
  const worker = await ready('shop')
  worker.takeSends()
  const sent = await wsg('send', '+55 11 99988-7766', 'Hello', '--reference', 'order-42', '--json')
  expect([sent.code, sent.err]).toEqual([0, ''])
  const [message] = json(sent.out)
  expect(message).toMatchObject({ sessionId: 'shop', status: 'sent', reference: 'order-42' })
  const shown = await wsg('messages', 'show', message.id)
  expect(shown.out).toContain('status: sent\n')
  expect((await wsg('messages', 'list')).out).toMatch(new RegExp(`^id .*status[^]*\\n${message.id} .*sent`))

  const file = join(folder, 'offer.pdf')
  await writeFile(file, '%PDF-1.7\n')
  const [withFile] = json((await wsg('send', '5511999887766', 'As agreed', '--file', file, '--json')).out)
  const content = JSON.parse((await worker.redis.hget(keys.message('shop', withFile.id), 'content')) ?? '{}')
  expect(content).toMatchObject({ type: 'document', filename: 'offer.pdf', caption: 'As agreed' })

  const inAMonth = new Date(Date.now() + 30 * 86_400_000).toISOString()
  const later = await wsg('send', '5511999887766', 'Later', '--at', inAMonth, '--wait', 'none')
  expect(later.code).toBe(0)
  expect(await queued()).toEqual([])
})

test('any operation of the table by its name, with what the table says of its fields', async ({
  wsg,
  ready,
}) => {
  const worker = await ready('shop')
  const inputs: unknown[] = []
  worker.takeJobs((job) => {
    inputs.push([job.name, job.input])
    return { ok: true, output: operations[job.name].example.output }
  })
  const archived = await wsg('op', 'chat.archive', '--chat', '+55 11 99988-7766', '--json')
  expect([archived.code, json(archived.out)]).toEqual([0, [operations['chat.archive'].example.output]])
  await wsg('op', 'message.react', '--id', 'false_5511999887766@c.us_3A5B', '--emoji', '👍')
  await wsg(
    'op',
    'group.participants',
    '--group',
    '120363041234567890@g.us',
    '--add',
    '5511999887766,5511911111111',
    '--yes',
  )
  expect(inputs).toEqual([
    ['chat.archive', { chatId: '5511999887766' }],
    ['message.react', { id: 'false_5511999887766@c.us_3A5B', emoji: '👍' }],
    expect.arrayContaining(['group.participants']),
  ])
  expect(inputs[2]).toEqual([
    'group.participants',
    expect.objectContaining({ add: ['5511999887766', '5511911111111'] }),
  ])
  const set = ['op', 'presence.set']
  for (const available of ['--available', '--available=true', '--available=false'])
    await wsg(...set, available)
  expect(inputs.slice(3)).toEqual([true, true, false].map((available) => ['presence.set', { available }]))
  expect((await wsg(...set, '--available=no')).err).toBe('available must be true or false.')
  expect((await wsg('op', 'chat.typing', '--chat', '1', '--state', 'x')).err).toBe(
    'state must be one of: typing, recording, paused.',
  )
  expect((await wsg('op', 'chat.archive')).err).toBe('Say --chat.')
  expect((await wsg('op')).out).toContain('op chat.archive')
})

test('bulk sends each line of a CSV or NDJSON file, tells what was refused, and sends nothing twice', async ({
  wsg,
  ready,
  folder,
}) => {
  const worker = await ready('shop')
  const sends = worker.takeSends()
  const csv = join(folder, 'customers.csv')
  await writeFile(
    csv,
    'to,message,reference\n5511999887766,"Hello, ""Maria""\nand all",a\nnobody,Hello,\n5511911111111,Oi,b\n',
  )
  const sent = await wsg('bulk', csv, '--key', 'once', '--json')
  expect(sent.code).toBe(1)
  expect(json(sent.err)).toEqual([expect.objectContaining({ line: 2, code: 'invalid_request' })])
  expect(json(sent.out)).toEqual([expect.objectContaining({ accepted: 2, refused: 1, done: true })])
  expect(sends).toHaveLength(2)
  await wsg('bulk', csv, '--key', 'once')
  const ndjson = join(folder, 'customers.ndjson')
  await writeFile(ndjson, '{"to":"5511999887766","message":"Hello"}\n{"to":"5511911111111","message":"Oi"}\n')
  expect((await wsg('bulk', ndjson)).code).toBe(0)
  expect(sends).toHaveLength(4)
  await writeFile(csv, 'to,message\n"5511999887766,Hello\n')
  expect(await wsg('bulk', csv)).toMatchObject({
    code: 2,
    err: expect.stringContaining('cannot be read as CSV'),
  })
})

test('shows events as lines or as JSON, and what a stranger wrote moves no cursor', async ({
  wsg,
  ready,
  gateway,
}) => {
  const worker = await ready('shop')
  const text = 'Oi\x1b[2J\u202eabc'
  // Events are kept from when somebody reads them.
  const url = 'http://127.0.0.1:9/hook'
  await gateway.ask('PUT', '/webhooks/crm', { session: 'shop', body: { url, events: ['message'] } })
  await hear(worker, '5511999887766@c.us', text)
  const after = '0-0'
  const shown = await wsg(
    'events',
    '--session',
    'shop',
    '--types',
    'message',
    '--after',
    after,
    '--count',
    '1',
  )
  expect(shown.out).toMatch(/^\d\d:\d\d:\d\d shop message 5511999887766@c\.us Oi \[2J abc$/)
  const [event] = json(
    (await wsg('events', '--types', 'message', '--after', after, '--count', '1', '--json')).out,
  )
  expect(event).toMatchObject({ event: 'message', sessionId: 'shop', data: { text } })

  // Nobody is there: each attempt is a line.
  const attempts = await waitFor('two attempts', async () => {
    const { out } = await wsg('webhooks', 'deliveries', 'crm', '--session', 'shop', '--status', 'pending')
    const lines = out.split('\n').filter((line) => line.startsWith(event.id))
    return lines.length > 1 && lines
  })
  for (const line of attempts) expect(line).toMatch(/ pending .*ECONNREFUSED/)
})

test('tokens and webhooks are made, listed and taken away, each after a yes', async ({ wsg }) => {
  const [made] = json(
    (await wsg('tokens', 'create', 'shop', '--role', 'sender', '--per-minute', '60', '--json')).out,
  )
  expect(made).toMatchObject({ name: 'shop', role: 'sender', perMinute: 60, token: expect.any(String) })
  expect((await wsg('tokens', 'list')).out).toContain(made.id)
  expect(await wsg('tokens', 'revoke', made.id)).toMatchObject({
    code: 2,
    err: expect.stringContaining('--yes'),
  })
  expect((await wsg('tokens', 'revoke', made.id, '--yes')).code).toBe(0)
  expect((await wsg('tokens', 'list')).out).toBe('(none)')
  const url = 'https://example.org/hook'
  const set = await wsg('webhooks', 'set', 'crm', url, '--events', 'message,message.ack', '--json')
  expect(json(set.out)).toEqual([
    expect.objectContaining({ name: 'crm', url, events: ['message', 'message.ack'] }),
  ])
  expect((await wsg('webhooks', 'delete', 'crm', '--yes')).code).toBe(0)
})

test('a QR code is shown for the terminal, and the command ends when the phone has scanned it', async ({
  wsg,
  gateway,
  own,
}) => {
  await gateway.get('/qr?wait=0', 'shop')
  const worker = await own('shop')
  await worker.publish('waiting_qr', 'qr_available', {
    qr: '2@code',
    qrExpiresAt: String(Date.now() + 60_000),
  })
  const pairing = wsg('pair', 'shop')
  await waitFor('the code', () => vi.mocked(console.log).mock.calls.join().includes('▀'))
  await worker.publish('ready', 'connected', { phone: '5511900000000' })
  const { code, out } = await pairing
  expect([code, out]).toEqual([0, expect.stringMatching(/▀[\s\S]*status: ready/)])
})

test('says what is wrong, and how it ended', async ({ wsg, ready, address }) => {
  expect(await wsg('--help')).toMatchObject({ code: 0, out: expect.stringContaining('First steps') })
  expect(await wsg('send', '--help')).toMatchObject({
    code: 0,
    out: expect.stringContaining('Usage: wsg send TO [TEXT]'),
  })
  expect((await wsg('tokens')).err).toBe('Say one of: tokens list, tokens create, tokens revoke.')
  expect(await wsg('sned')).toMatchObject({
    code: 2,
    err: 'There is no command sned. wsg --help lists them.',
  })
  expect(await wsg('send', '5511999887766', 'Hello')).toMatchObject({
    code: 2,
    err: expect.stringContaining('wsg pair NAME'),
  })
  await ready('shop')
  await ready('sales')
  expect((await wsg('send', '5511999887766', 'Hello')).err).toMatch(/^Say which session with --session: /)
  expect(await wsg('send', '5511999887766', 'Hello', 'world', '-s', 'shop')).toMatchObject({
    code: 2,
    err: 'world is one word too many. Put a text in quotes.',
  })
  const refused = await wsg('sessions', 'stop', 'nobody')
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('(session_not_found)')])
  expect(JSON.parse((await wsg('sessions', 'stop', 'nobody', '--json')).err)).toMatchObject({
    code: 'session_not_found',
  })
  expect(await wsg('health', '--token', 'wrong')).toMatchObject({
    code: 3,
    err: expect.stringContaining('WSG_TOKEN'),
  })
  expect(await wsg('health', '--url', 'http://127.0.0.1:2')).toMatchObject({
    code: 3,
    err: expect.stringContaining('ECONNREFUSED'),
  })
  expect(await wsg('health', '--url', `${address}/`)).toMatchObject({ code: 0 })
  expect(await wsg('workers')).toMatchObject({ code: 0 })
})
