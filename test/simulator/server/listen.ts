import { once } from 'node:events'
import type { Server } from 'node:net'

/** A port that is only wished for gives way to a free one when it is taken. */
export async function listen(
  server: Server,
  address: string,
  port: number | undefined,
  must: boolean,
): Promise<void> {
  const attempt = async (wanted: number) => {
    server.listen(wanted, address)
    await once(server, 'listening')
  }
  try {
    await attempt(port ?? 0)
  } catch (error) {
    if (must || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    await attempt(0)
  }
}
