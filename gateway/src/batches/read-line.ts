import { bulkLineSchema, type SendRequest } from '@wsg/shared/messages/send-request.ts'
import { Problem } from '../http/problem.ts'
import { parseJson } from '../http/read-body.ts'
import { invalidInput, parseOptions } from '../http/validation.ts'
import { assertSendable } from '../messages/assert-sendable.ts'

/** What is said once for all lines that do not say it themselves. */
export type LineDefaults = Pick<SendRequest, 'sendAt' | 'expiresAt' | 'priority' | 'reference'>

/**
 * Reads one line as POST /send reads its body.
 * @returns the problem where it is not a message
 */
export function readLine(
  text: string,
  defaults: LineDefaults,
): { body: SendRequest; idempotencyKey: string | null } | Problem {
  try {
    const json = parseJson(text, 'the line')
    const isObject = typeof json === 'object' && json !== null && !Array.isArray(json)
    const line = isObject ? { ...defaults, ...json } : json
    const { success, data, error } = bulkLineSchema.safeParse(line, parseOptions)
    if (!success) return invalidInput(error.issues, 'line')
    const { idempotencyKey = null, ...body } = data
    assertSendable(body)
    return { body, idempotencyKey }
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}
