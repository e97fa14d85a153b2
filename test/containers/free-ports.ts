import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** @returns the first of `count` ports in a row that nobody listens on just now */
export async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const first = 20_000 + Math.floor(Math.random() * 10_000)
    const servers: Server[] = []
    try {
      for (let port = first; port < first + count; port++) {
        const server = createServer().listen(port, '127.0.0.1')
        servers.push(server)
        await once(server, 'listening')
      }
      return first
    } catch {
      // one of them is taken
    } finally {
      for (const server of servers) server.close()
    }
  }
  throw new Error(`no ${count} free ports in a row`)
}
