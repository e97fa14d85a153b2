import type { ControlHandler } from './control-handler.ts'

/** Asks the page itself. Before there is a page, WhatsApp Web's own word for that is the answer. */
export const statusProbe: ControlHandler<'status.probe'> = async ({ machine, client, memory }) => {
  const loaded = client !== null && machine.reason !== 'starting' && machine.reason !== 'profile_in_use'
  return { connection: loaded ? await client.probe() : 'OPENING', memoryMb: memory.lastMb }
}
