import type { PageGlobals } from '../page-globals.ts'
import type { PageAnswer } from './page-operation.ts'

export type PerformedAnswer = PageAnswer<unknown> | { lacks: string[] } | { threw: string }

/**
 * Runs in the page: one operation of the kit, by its name.
 * @returns what it answers; `lacks` where the page does not have what it needs, of which nothing was done then; `threw` where
 *   WhatsApp Web failed on the way, so that it may have been done
 */
export async function performOperation(
  name: string,
  input: Record<string, unknown>,
  deadline: number,
  file?: File,
): Promise<PerformedAnswer> {
  const page = window as unknown as PageGlobals
  const kit = page.sessionGatewayKit
  const operation = kit.operations[name]
  if (!operation) throw new Error(`the page was not given ${name}`)
  const lacks = kit.missingBindings(operation.needs)
  if (lacks.length > 0) return { lacks }
  const context: Record<string, unknown> = { page, kit, deadline, file }
  try {
    if (operation.on !== undefined) {
      const { field, find, absent } = kit.subjects[operation.on]
      const subject = await kit[find](String(input[field]))
      if (!subject) return { refused: absent }
      context[operation.on] = subject
    }
    if (Date.now() > deadline) return { refused: 'worker_timeout' }
    return await operation.run(input, context)
  } catch (error) {
    // WhatsApp Web's own error for what its server refused.
    const { name, status, message } = error as Partial<Error & { status: unknown }>
    if (name === 'ServerStatusCodeError')
      return { refused: 'whatsapp_refused', detail: `WhatsApp says ${status ?? ''} ${message ?? ''}`.trim() }
    return { threw: `WhatsApp Web threw ${error}` }
  }
}
