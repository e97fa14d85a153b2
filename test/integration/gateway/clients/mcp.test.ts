import type { AddressInfo } from 'node:net'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { operationList, operations } from '@wsg/shared/operations/operations.ts'
import { expect } from 'vitest'
import { sha256 } from '../../../support/sha256.ts'
import { gatewayTest } from '../gateway-test.ts'

const test = gatewayTest
  .extend(
    'environment',
    { scope: 'file' },
    {
      API_TOKENS: JSON.stringify([
        { name: 'screen', sha256: sha256('viewer-token'), role: 'viewer' },
        { name: 'shop', sha256: sha256('shop-token'), role: 'sender', sessions: ['shop', 'sales'] },
      ]),
    },
  )
  .extend('address', { scope: 'file' }, async ({ gateway: { gateway } }) => {
    await gateway.app.listen({ host: '127.0.0.1', port: 0 })
    return new URL(`http://127.0.0.1:${(gateway.app.server.address() as AddressInfo).port}/mcp`)
  })
  /** The SDK's own client, with a token. */
  .extend('connect', ({ address }, { onCleanup }) => {
    const clients: Client[] = []
    onCleanup(async () => void (await Promise.all(clients.map((client) => client.close()))))
    return async (token: string, mode: 'legacy' | 'auto' = 'auto'): Promise<Client> => {
      const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
      clients.push(client)
      const headers = { authorization: `Bearer ${token}` }
      await client.connect(new StreamableHTTPClientTransport(address, { requestInit: { headers } }))
      return client
    }
  })

const namesOf = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name)
const textOf = ({ content }: { content: unknown[] }) => (content[0] as { text: string }).text

test('every operation and what concerns messages and sessions is a tool, each for the role of its route', async ({
  connect,
}) => {
  const all = await namesOf(await connect('token-of-the-tests'))
  const ofTheTable = operationList.filter(({ http }) => http !== undefined)
  expect(new Set(all).size).toBe(all.length)
  expect(all).toEqual(expect.arrayContaining(ofTheTable.map(({ name }) => name.replace('.', '_'))))
  expect(
    all.filter((name) => /^(session|message_(send|list|get|cancel|forward))/.test(name)).toSorted(),
  ).toEqual([
    'message_cancel',
    'message_forward',
    'message_get',
    'message_list',
    'message_send',
    'session_delete',
    'session_get',
    'session_list',
    'session_logout',
    'session_pairing-code',
    'session_qr',
    'session_restart',
    'session_start',
    'session_stop',
  ])
  expect(all.filter((name) => !/^[a-zA-Z0-9_-]{1,64}$/.test(name))).toEqual([])

  const viewer = await connect('viewer-token')
  const ofViewer = await namesOf(viewer)
  expect(ofViewer).toEqual(expect.arrayContaining(['session_list', 'chat_list', 'message_list']))
  expect(ofViewer).not.toEqual(expect.arrayContaining(['message_send']))
  expect(ofViewer.length).toBeLessThan(all.length / 2)
  // A tool that was not listed is refused all the same.
  const refused = await viewer.callTool({
    name: 'message_send',
    arguments: { sessionId: 'shop', to: '5511999887766', message: 'Hello' },
  })
  expect(refused).toMatchObject({ isError: true, structuredContent: { code: 'forbidden', status: 403 } })
})

test('a tool says what it wants, whether it reads, and whether what it takes away is gone', async ({
  connect,
}) => {
  const client = await connect('shop-token')
  const { tools } = await client.listTools()
  const tool = (name: string) => tools.find((one) => one.name === name)
  expect(tool('chat_typing')).toMatchObject({
    description: expect.stringContaining('typing'),
    inputSchema: {
      properties: {
        sessionId: { enum: ['sales', 'shop'] },
        chatId: { type: 'string' },
        state: { enum: ['typing', 'recording', 'paused'] },
      },
      required: ['sessionId', 'chatId', 'state'],
    },
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false },
  })
  expect(tool('chat_list')?.annotations).toEqual({ readOnlyHint: true })
  expect(tool('chat_archive')?.annotations).toMatchObject({ destructiveHint: false, idempotentHint: true })
  expect(tool('chat_delete')?.annotations).toMatchObject({ readOnlyHint: false, destructiveHint: true })
  expect(tool('message_send')?.inputSchema).toMatchObject({
    properties: { idempotencyKey: {}, wait: {}, to: {}, message: {} },
    required: ['sessionId', 'to', 'message'],
  })
})

test.for(['legacy', 'auto'] as const)(
  'a client of the %s protocol sends a message, asks for it, and calls an operation',
  async (mode, { connect, ready }) => {
    const worker = await ready('shop')
    const sends = worker.takeSends()
    worker.takeJobs((job) => ({ ok: true, output: operations[job.name].example.output }))
    const client = await connect('shop-token', mode)
    const call = (name: string, given: object) =>
      client.callTool({ name, arguments: { sessionId: 'shop', ...given } })

    const idempotencyKey = `order-${mode}`
    const sent = await call('message_send', { to: '+55 11 99988-7766', message: 'Hello', idempotencyKey })
    expect(sent).toMatchObject({ structuredContent: { status: 'sent' } })
    const { id } = sent.structuredContent as { id: string }
    expect(JSON.parse(textOf(sent))).toEqual(sent.structuredContent)
    const again = await call('message_send', { to: '5511999887766', message: 'Hello', idempotencyKey })
    expect(again.structuredContent).toMatchObject({ id })
    expect(sends).toEqual([id])
    expect(await call('message_get', { id })).toMatchObject({ structuredContent: { id, status: 'sent' } })
    expect(await call('message_list', { limit: 1 })).toMatchObject({ structuredContent: { items: [{ id }] } })
    const typing = await call('chat_typing', { chatId: '163971247583412@lid', state: 'typing' })
    expect(typing.structuredContent).toEqual(operations['chat.typing'].example.output)
  },
)

test("an error is the tool's, with our code and sentence, and nothing is done", async ({
  connect,
  ready,
  queued,
}) => {
  await ready('shop')
  const client = await connect('shop-token')
  const call = (name: string, given: Record<string, unknown>) => client.callTool({ name, arguments: given })
  for (const [name, given, text] of [
    ['chat_get', { sessionId: 'other', chatId: '5511999887766' }, /^session_forbidden: /],
    ['chat_get', { chatId: '5511999887766' }, /^missing_session_id: Missing X-Session-Id header/],
    ['chat_get', { sessionId: 'ä\r\nx: y', chatId: '5511999887766' }, /^invalid_session_id: /],
    [
      'chat_get',
      { sessionId: 'shop', chatId: '../../sessions' },
      /^invalid_request: .*chatId: must be a phone number/,
    ],
    ['chat_get', { sessionId: 'shop' }, /^invalid_request: .*chatId: /],
    ['chat_get', { sessionId: 'shop', chatId: '5511999887766', x: 1 }, /unknown query field 'x'/],
    [
      'chat_typing',
      { sessionId: 'shop', chatId: '5511999887766', state: 'x' },
      /state: must be typing or recording/,
    ],
    ['message_send', { sessionId: 'sales', to: '5511999887766', message: 'Hello' }, /^session_not_found: /],
    ['no_such_tool', {}, /^not_found: /],
  ] as const) {
    const answer = await call(name, given)
    expect([name, given, answer.isError]).toEqual([name, given, true])
    expect(textOf(answer)).toMatch(text)
  }
  expect(await queued()).toEqual([])
})

test('a code to scan is a picture', async ({ connect, gateway, own }) => {
  await gateway.get('/qr?wait=0', 'shop')
  const worker = await own('shop')
  await worker.publish('waiting_qr', 'qr_available', {
    qr: '2@code',
    qrExpiresAt: String(Date.now() + 60_000),
  })
  const client = await connect('token-of-the-tests')
  const { content } = await client.callTool({ name: 'session_qr', arguments: { sessionId: 'shop' } })
  expect(content).toEqual([{ type: 'image', mimeType: 'image/png', data: expect.stringMatching(/^iVBOR/) }])
})

test('whoever has no token gets nothing, a change is in the audit trail once, and a call counts once', async ({
  connect,
  address,
  gateway,
  ready,
}) => {
  for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
    const answer = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    })
    expect(answer.status).toBe(401)
  }
  expect((await gateway.get('/mcp')).status).toBe(405)

  const worker = await ready('shop')
  worker.takeJobs((job) => ({ ok: true, output: operations[job.name].example.output }))
  const issued = await gateway.ask('POST', '/tokens', {
    body: { name: 'agent', role: 'sender', perMinute: 5 },
  })
  const client = await connect(issued.body.token, 'legacy')
  // That it connected were two requests.
  const archive = { name: 'chat_archive', arguments: { sessionId: 'shop', chatId: '5511999887766' } }
  for (let i = 0; i < 3; i++) expect((await client.callTool(archive)).isError).toBeUndefined()
  expect(await client.callTool(archive)).toMatchObject({
    isError: true,
    structuredContent: { code: 'rate_limited' },
  })
  const { items } = (await gateway.get('/audit')).body as { items: object[] }
  const ofAgent = items.filter((entry) => (entry as { by: string }).by === 'agent')
  expect(ofAgent).toHaveLength(3)
  expect(ofAgent[0]).toMatchObject({
    request: 'PUT /chats/:chatId/archive',
    sessionId: 'shop',
    requestId: expect.any(String),
  })
})
