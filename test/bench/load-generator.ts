/**
 * Puts load on one HTTP server: `connections` sockets that stay open, each with one POST after another. It writes and
 * reads the bytes itself, because on a small machine the load takes its CPU from the server. Told what to do over its
 * channel, ends when that is closed.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Load, LoadResult } from './load.ts'

process.on('message', (load: Load) => {
  run(load).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ error: String(error) } satisfies LoadResult),
  )
})
process.once('disconnect', () => process.exit())

async function run(load: Load): Promise<LoadResult> {
  const requests = load.bodies.map((body) => requestOf(load, body))
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => open(load.port)))
  const since = performance.now()
  let asked = 0
  let accepted = 0
  const refusals: string[] = []

  const line = async (socket: Socket) => {
    const answers = readAnswers(socket)
    while (asked < load.count && performance.now() - since < load.forMs && refusals.length === 0) {
      socket.write(requests[asked++ % requests.length] as Buffer)
      const status = (await answers.next()).value
      if (status === '202' || status === '200') accepted += 1
      else refusals.push(String(status))
    }
  }
  await Promise.all(sockets.map(line))
  const elapsedMs = performance.now() - since
  for (const socket of sockets) socket.destroy()
  return refusals.length === 0 ? { accepted, elapsedMs } : { error: `answered ${refusals[0]}` }
}

function requestOf({ path, headers }: Load, body: string): Buffer {
  const lines = Object.entries({
    host: '127.0.0.1',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  return socket
}

/** The status of each answer; answers have a content-length and come one at a time. */
async function* readAnswers(socket: Socket): AsyncGenerator<string> {
  let text = ''
  for await (const chunk of socket) {
    text += (chunk as Buffer).toString('latin1')
    const head = text.indexOf('\r\n\r\n')
    if (head < 0) continue
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
    if (text.length < head + 4 + length) continue
    const status = text.slice(9, 12)
    text = text.slice(head + 4 + length)
    yield status
  }
  yield 'nothing: the connection was closed'
}
