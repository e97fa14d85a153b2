import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyServerOptions } from 'fastify'
import type { GatewayApp } from '../gateway-app.ts'

/** How long a refused caller may go on sending before the connection is cut. */
const LINGER_MS = 5_000

/**
 * The limits of every connection. A body has its own (`read-body.ts`): Node's `requestTimeout` would also end an upload that
 * is merely long.
 */
export const connectionLimits = {
  // A connection without a byte either way. Longer than the longest wait for an answer (SEND_WAIT_MS).
  connectionTimeout: 150_000,
  // Longer than the 60 s for which proxies keep theirs, so that none sends into a connection that is being closed.
  keepAliveTimeout: 72_000,
  http: { headersTimeout: 20_000, connectionsCheckingInterval: 2_000 },
} satisfies FastifyServerOptions & { http: object }

/**
 * Caps the number of connections, closes each whose request was answered before its body was read, and all of them while the
 * gateway closes.
 * @param release ends the waits of requests in flight, so that closing waits for nothing but their answers
 */
export function limitConnections(app: GatewayApp, maxConnections: number, release: () => void): void {
  app.server.maxConnections = maxConnections
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
    release()
  })
  app.addHook('onSend', ({ raw }, reply, payload, done) => {
    // An answer that is a stream is given while the body still comes.
    const isUnread = () => raw.complete === false && !(payload instanceof Readable)
    const answer = () => {
      if (isClosing || isUnread()) reply.header('connection', 'close')
      if (isUnread()) lingerOnClose(raw)
      done()
    }
    // What came together with the head is read in this turn, whoever wants it.
    if (isUnread()) setImmediate(answer)
    else answer()
  })
  // A caller that asks whether to send its body (`Expect: 100-continue`) hears a refusal instead of having to send it.
  app.server.on('checkContinue', app.routing)
  app.addHook('preParsing', (request, reply, _payload, done) => {
    if (request.headers.expect !== undefined) reply.raw.writeContinue()
    done()
  })
}

/**
 * Makes Node close the connection gently once the answer is given. Destroying the socket while bytes come in resets the
 * connection, and many clients lose the answer by that; so what still comes is thrown away for a while.
 */
function lingerOnClose(raw: IncomingMessage): void {
  const { socket } = raw
  socket.destroySoon = () => {
    raw.resume()
    socket.end()
    const timer = setTimeout(() => socket.destroy(), LINGER_MS)
    socket.once('close', () => clearTimeout(timer))
  }
}
