import { Agent, request } from 'node:http'

export interface CallerAnswer {
  status: number
  body: string
}

/** Speaks HTTP to one gateway over connections that stay open, with as little of its own work as Node allows. */
export class HttpCaller {
  readonly #agent: Agent
  readonly #port: number
  readonly #token: string

  constructor(port: number, token: string, connections: number) {
    this.#port = port
    this.#token = token
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections })
  }

  async get(path: string, session: string): Promise<CallerAnswer> {
    return await this.#ask('GET', path, session, '')
  }

  async post(path: string, session: string, body: object): Promise<CallerAnswer> {
    return await this.#ask('POST', path, session, JSON.stringify(body))
  }

  async put(path: string, session: string, body: object): Promise<CallerAnswer> {
    return await this.#ask('PUT', path, session, JSON.stringify(body))
  }

  /** Sends one message and waits for WhatsApp's ack. @throws where it was not acked */
  async sendAcked(session: string, to: string, message: string): Promise<void> {
    const { status, body } = await this.post('/send', session, { to, message })
    if (status !== 200) throw new Error(`a send was not acked: ${status} ${body}`)
  }

  close(): void {
    this.#agent.destroy()
  }

  #ask(method: string, path: string, session: string, body: string): Promise<CallerAnswer> {
    return new Promise((resolve, reject) => {
      const asked = request({
        agent: this.#agent,
        host: '127.0.0.1',
        port: this.#port,
        method,
        path,
        headers: {
          authorization: `Bearer ${this.#token}`,
          ...(session !== '' && { 'x-session-id': session }),
          ...(body !== '' && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          }),
        },
      })
      asked.once('error', reject)
      asked.once('response', (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.once('error', reject)
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
      })
      asked.end(body)
    })
  }
}
