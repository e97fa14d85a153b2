import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** Below what the kernel gives to whoever asks for any port, so that nobody gets one of ours by chance. */
const LOWEST = 10_000
const HIGHEST = 31_999
const ATTEMPTS = 200

/**
 * A port of 127.0.0.1 on which nobody listens and that no other test takes before this process ends, also while a
 * server on it is away. It is held by listening on the same port of 127.0.0.2.
 * @param count for so many ports in a row; the first is returned
 */
export async function reservePort(count = 1): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const first = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST - count))
    const ports = Array.from({ length: count }, (_, n) => first + n)
    const holders = await listenOnAll('127.0.0.2', ports)
    if (holders === null) continue
    const probes = await listenOnAll('127.0.0.1', ports)
    if (probes !== null) {
      await Promise.all(probes.map(close))
      for (const holder of holders) holder.unref()
      return first
    }
    await Promise.all(holders.map(close))
  }
  throw new Error(`no ${count} free ports in a row`)
}

/** Null where one of the ports is taken. */
async function listenOnAll(address: string, ports: number[]): Promise<Server[] | null> {
  const servers: Server[] = []
  try {
    for (const port of ports) {
      const server = createServer().listen(port, address)
      servers.push(server)
      await once(server, 'listening')
    }
    return servers
  } catch {
    await Promise.all(servers.map(close))
    return null
  }
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return
  server.close()
  await once(server, 'close')
}
