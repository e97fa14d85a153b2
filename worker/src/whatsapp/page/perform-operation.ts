import type { PageGlobals } from './page-globals.ts'
import type { PageAnswer } from './page-operation.ts'

/**
 * Runs in the page: one operation of the kit, by its name.
 * @returns what it answers; `lacks` where the page does not have what it needs, of which nothing was done then
 */
export async function performOperation(
  name: string,
  input: unknown,
  deadline: number,
): Promise<PageAnswer<unknown> | { lacks: string[] }> {
  const { operations, missingBindings } = (window as unknown as PageGlobals).sessionGatewayKit
  const operation = operations[name]
  if (!operation) throw new Error(`the page was not given ${name}`)
  if (Date.now() > deadline) return { refused: 'worker_timeout' }
  const lacks = missingBindings(operation.needs)
  if (lacks.length > 0) return { lacks }
  try {
    return await operation.run(input, deadline)
  } catch (error) {
    return { refused: 'worker_failed', detail: `WhatsApp Web threw ${error}` }
  }
}
