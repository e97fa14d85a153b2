import type { PageGlobals, PageModules } from './page-globals.ts'
import type { PageAnswer } from './page-operation.ts'

/**
 * Runs in the page: one operation of the kit, by its name.
 * @returns what it answers; `lacks` where the page does not have what it needs, of which nothing was done then
 */
export async function performOperation(
  name: string,
  input: unknown,
  deadline: number,
): Promise<PageAnswer<unknown> | { lacks: string }> {
  const page = window as unknown as PageGlobals
  const operation = page.sessionGatewayKit.operations[name]
  if (!operation) throw new Error(`the page was not given ${name}`)
  if (Date.now() > deadline) return { refused: 'worker_timeout' }
  const isThere = (binding: string): boolean => {
    const [moduleName, ...path] = binding.split('.')
    try {
      let found: unknown = page.require(moduleName as keyof PageModules)
      for (const step of path) found = (found as Record<string, unknown>)[step]
      return found !== undefined
    } catch {
      // WhatsApp's own `require` throws for a module that it does not have or has not loaded.
      return false
    }
  }
  const lacks = operation.needs.find((binding) => !isThere(binding))
  if (lacks !== undefined) return { lacks }
  try {
    return await operation.run(input, deadline)
  } catch (error) {
    return { refused: 'worker_failed', detail: `WhatsApp Web threw ${error}` }
  }
}
