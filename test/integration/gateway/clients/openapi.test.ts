import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { eventList } from '@wsg/shared/events/events.ts'
import { operationList } from '@wsg/shared/operations/operations.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { holdToDocument } from '../../../support/hold-to-document.ts'
import { type RedisServer, startRedis } from '../../../support/redis.ts'
import { GatewayUnderTest } from '../gateway-under-test.ts'

interface Operation {
  operationId?: string
  tags?: string[]
  summary: string
  security?: object[]
  parameters?: { name: string; in: string; required: boolean }[]
  requestBody?: { content: object }
  responses: Record<string, { description: string; content: Record<string, { schema: object }> }>
}

let redis: RedisServer
let gateway: GatewayUnderTest
/** By method and address, `GET /status`. */
const operations = new Map<string, Operation>()
let document: object
let components: { schemas: Record<string, { properties: object }>; securitySchemes: object }

beforeAll(async () => {
  redis = await startRedis()
  gateway = await GatewayUnderTest.start(redis.url)
  const { body } = await gateway.get('/openapi.json')
  expect(body.openapi).toBe('3.1.0')
  expect(body.security).toEqual([{ bearer: [] }, { apiKey: [] }])
  document = body
  components = body.components
  for (const [path, methods] of Object.entries<Record<string, Operation>>(body.paths)) {
    for (const [method, operation] of Object.entries(methods))
      operations.set(`${method.toUpperCase()} ${path}`, operation)
  }
})

afterAll(async () => {
  await gateway.close()
  await redis.stop()
})

const PUBLIC = ['GET /livez', 'GET /readyz']
const OF_NO_SESSION = [
  ...PUBLIC,
  'GET /health',
  'GET /metrics',
  'GET /openapi.json',
  'GET /sessions',
  'DELETE /tokens/{id}',
  'GET /tokens',
  'GET /tokens/self',
  'POST /tokens',
  'GET /workers',
]
/** Of one session where the header names it. */
const OF_ONE_OR_ALL = [
  'GET /audit',
  'GET /media/{id}',
  'POST /media',
  'DELETE /webhooks/{name}',
  'GET /events',
  'GET /webhooks',
  'GET /webhooks/{name}',
  'GET /webhooks/{name}/deliveries',
  'POST /webhooks/{name}/deliveries/{id}/redeliver',
  'POST /webhooks/{name}/redeliver',
  'POST /webhooks/{name}/test',
  'PUT /webhooks/{name}',
]
const OF_A_SESSION = [
  ...operationList.flatMap(({ http }) =>
    http === undefined ? [] : [`${http.method} ${http.path.replaceAll(/:(\w+)/g, '{$1}')}`],
  ),
  'DELETE /batches/{id}',
  'DELETE /messages/{id}',
  'DELETE /session',
  'GET /batches/{id}',
  'GET /messages',
  'GET /messages/{id}',
  'GET /messages/{id}/media',
  'GET /qr',
  'GET /queue',
  'GET /screenshot',
  'GET /status',
  'POST /messages/{id}/forward',
  'POST /pairing-code',
  'POST /queue/pause',
  'POST /queue/resume',
  'POST /send',
  'POST /send/bulk',
  'POST /session/logout',
  'POST /session/restart',
  'POST /session/start',
  'POST /session/stop',
  'PUT /session',
]

test('the document names every address, and no other', () => {
  expect([...operations.keys()].toSorted()).toEqual(
    [...OF_NO_SESSION, ...OF_ONE_OR_ALL, ...OF_A_SESSION].toSorted(),
  )
  // One address a file, and one file for all operations.
  const files = readdirSync(join(import.meta.dirname, '../../../../gateway/src/routes'), {
    recursive: true,
    encoding: 'utf8',
  })
  const routes = files.filter((file) => file.endsWith('.ts') && file !== 'operation-routes.ts')
  const ofTheTable = operationList.filter(({ http }) => http !== undefined)
  expect(operations.size).toBe(routes.length + ofTheTable.length)
})

test('X-Session-Id is required where a request concerns one session, optional where it may concern all, and asked for nowhere else', () => {
  for (const [name, { parameters = [] }] of operations) {
    const header = parameters.find((one) => one.in === 'header' && one.name === 'X-Session-Id')
    const required = OF_A_SESSION.includes(name) ? true : OF_ONE_OR_ALL.includes(name) ? false : undefined
    expect([name, header?.required]).toEqual([name, required])
  }
})

test('a token is asked for everywhere but at the probes', () => {
  expect(Object.keys(components.securitySchemes)).toEqual(['bearer', 'apiKey'])
  for (const [name, { security }] of operations)
    expect([name, security]).toEqual([name, PUBLIC.includes(name) ? [] : undefined])
})

test('every address says what it answers, and that its errors are problems', () => {
  for (const [name, { summary, responses }] of operations) {
    expect([name, summary]).toEqual([name, expect.stringMatching(/\w/)])
    expect(Object.keys(responses).some((status) => status.startsWith('2'))).toBe(true)
    if (name === 'GET /livez') continue
    for (const status of ['4XX', '5XX']) {
      const problem = { schema: { $ref: '#/components/schemas/Problem' } }
      expect([name, responses[status]?.content]).toEqual([name, { 'application/problem+json': problem }])
    }
  }
  expect(Object.keys(components.schemas.Problem?.properties ?? {})).toEqual(
    expect.arrayContaining(['error', 'type', 'title', 'status', 'detail', 'code', 'requestId', 'retryable']),
  )
})

test('pictures are pictures, and requests without a body have none', () => {
  const png = { schema: { type: 'string', format: 'binary' } }
  expect(operations.get('GET /screenshot')?.responses['200']?.content).toEqual({ 'image/png': png })
  expect(operations.get('GET /qr')?.responses['200']?.content).toMatchObject({
    'application/json': { schema: { type: 'object' } },
    'image/png': png,
    'text/plain': { schema: { type: 'string' } },
  })
  expect(operations.get('POST /session/stop')?.requestBody).toBeUndefined()
  expect(operations.get('POST /send')?.requestBody?.content).toHaveProperty('application/json')
  expect(operations.get('POST /send')?.parameters?.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['wait', 'idempotency-key', 'prefer']),
  )
  const bulk = operations.get('POST /send/bulk')
  const types = ['application/json', 'application/x-ndjson']
  expect(Object.keys(bulk?.requestBody?.content ?? {}).toSorted()).toEqual(types)
  expect(Object.keys(bulk?.responses['202']?.content ?? {})).toEqual(types)
})

test('an operation of the table has its name, an example of its body and its answer, and its errors', () => {
  const typing = operations.get('POST /chats/{chatId}/typing')
  expect(typing).toMatchObject({
    operationId: 'chat.typing',
    requestBody: { content: { 'application/json': { example: { state: 'typing' } } } },
    responses: {
      200: {
        content: {
          'application/json': { schema: { examples: [{ id: '5511999887766@c.us', state: 'typing' }] } },
        },
      },
      '4XX': { description: expect.stringContaining('chat_not_found') },
    },
  })
  expect(typing?.parameters).toContainEqual(
    expect.objectContaining({ name: 'chatId', in: 'path', required: true }),
  )
  expect(operations.get('PUT /chats/{chatId}/archive')?.requestBody).toBeUndefined()
})

test('every address has a name of its own, noun.verb, and stands with its noun', () => {
  const names = [...operations.values()].map(({ operationId }) => operationId)
  expect(new Set(names).size).toBe(operations.size)
  for (const { operationId, tags } of operations.values()) {
    expect(operationId).toMatch(/^[a-z]+\.[a-z-]+$/)
    expect(tags).toEqual([operationId?.split('.')[0]])
  }
})

test('what is repeated has a name, and what has a name is used', () => {
  const refs = new Set(JSON.stringify(document).match(/(?<=#\/components\/schemas\/)\w+/g))
  expect([...refs].toSorted()).toEqual(Object.keys(components.schemas).toSorted())
  const answer = operations.get('GET /sessions')?.responses['200']?.content['application/json']
  expect(answer).toMatchObject({
    schema: { properties: { items: { items: { $ref: '#/components/schemas/Session' } } } },
  })
  expect(components.schemas.Event).toMatchObject({ oneOf: eventList.map(() => ({})) })
})

test('the document passes the linter', async () => {
  // An address that another would match too stands before it.
  const rules = { 'no-ambiguous-paths': 'off' } as const
  const config = await createConfig({ extends: ['recommended'], rules })
  const problems = await lintFromString({
    source: JSON.stringify(document),
    absoluteRef: '/openapi.json',
    config,
  })
  expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([])
})

test('every request with a body has an example, and every request says its errors', () => {
  for (const [name, { requestBody, responses }] of operations) {
    expect([name, Object.keys(responses)]).toContainEqual(expect.arrayContaining(['4XX']))
    const json = (requestBody?.content as Record<string, object> | undefined)?.['application/json']
    if (json !== undefined)
      expect([name, JSON.stringify(json)]).toContainEqual(expect.stringContaining('"example'))
  }
})

test('an answer that is not as the document says is told from one that is', () => {
  const given = { method: 'GET', path: '/numbers/5511', status: 200, contentType: 'application/json' }
  holdToDocument({ ...given, body: { phone: '5511', exists: false } })
  expect(() => holdToDocument({ ...given, body: { phone: 5511, exists: false } })).toThrow(
    'phone must be string',
  )
  expect(() => holdToDocument({ ...given, path: '/status', body: {} })).toThrow('sessionId')
  expect(() => holdToDocument({ ...given, status: 302, body: {} })).toThrow('302')
})
