import type { Server as HttpServer } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import { createServer, type Server, type Socket } from 'node:net'

/** First byte of a TLS record that carries a handshake (RFC 8446, section 5.1). */
const TLS_HANDSHAKE = 0x16

/** One port for both: TLS goes to the page's server, everything else to the control server. */
export function onePortListener(
  control: HttpServer,
  page: HttpsServer,
): { server: Server; sockets: Set<Socket> } {
  const sockets = new Set<Socket>()
  // A request that begins as an idle connection is closed would fail.
  for (const server of [control, page]) server.keepAliveTimeout = 0
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.once('data', (head) => {
      socket.pause()
      socket.unshift(head)
      const target = head[0] === TLS_HANDSHAKE ? page : control
      target.emit('connection', socket)
      process.nextTick(() => socket.resume())
    })
  })
  return { server, sockets }
}
