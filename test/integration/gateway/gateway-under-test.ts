import { type GatewayConfig, readGatewayConfig } from '@wsg/gateway/src/config.ts'
import { createGateway, type Gateway } from '@wsg/gateway/src/gateway.ts'
import { createLogger } from '@wsg/shared/logger.ts'
import { holdToDocument } from '../../support/hold-to-document.ts'

const TOKEN = 'token-of-the-tests'

export interface Answer {
  status: number
  headers: Record<string, unknown>
  // biome-ignore lint/suspicious/noExplicitAny: each test says what it expects of a body
  body: any
  raw: Buffer
}

export interface Asking {
  session?: string
  body?: unknown
  token?: string | null
  headers?: Record<string, string>
}

/** A real gateway on a real Redis, asked without a socket between. Every answer is held against the OpenAPI document. */
export class GatewayUnderTest {
  readonly gateway: Gateway

  private constructor(gateway: Gateway) {
    this.gateway = gateway
  }

  static async start(redisUrl: string, env: Record<string, string> = {}): Promise<GatewayUnderTest> {
    const config: GatewayConfig = readGatewayConfig({
      API_TOKEN: TOKEN,
      REDIS_URL: redisUrl,
      LOG_LEVEL: 'silent',
      ...env,
    })
    const gateway = await createGateway(config, createLogger('gateway', config.LOG_LEVEL))
    await gateway.app.ready()
    const started = new GatewayUnderTest(gateway)
    while ((await started.ask('GET', '/readyz')).status !== 200) await new Promise(setImmediate)
    return started
  }

  async ask(method: string, url: string, asking: Asking = {}): Promise<Answer> {
    const { session, body, token = TOKEN, headers = {} } = asking
    const answer = await this.gateway.app.inject({
      method: method as 'GET',
      url,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(session !== undefined && { 'x-session-id': session }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const contentType = String(answer.headers['content-type'] ?? '')
    const read = /json/.test(contentType) ? JSON.parse(answer.body) : answer.body
    holdToDocument({ method, path: url, status: answer.statusCode, contentType, body: read })
    return { status: answer.statusCode, headers: answer.headers, body: read, raw: answer.rawPayload }
  }

  get(url: string, session?: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask('GET', url, { ...(session !== undefined && { session }), headers })
  }

  post(url: string, session: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask('POST', url, { session, body, headers })
  }

  send(
    session: string,
    body: object = {},
    headers: Record<string, string> = {},
    query = '',
  ): Promise<Answer> {
    return this.post(`/send${query}`, session, { to: '5511999887766', message: 'Hello', ...body }, headers)
  }

  close(): Promise<void> {
    return this.gateway.close()
  }
}
