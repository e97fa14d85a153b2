import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino'

export type { Logger }

/** Fields that are never written. `args`: an error that Redis answered carries its whole command, and with it all of them. */
const SECRETS = new Set([
  ...['body', 'text', 'phone', 'qr', 'token', 'authorization', 'headers'],
  ...['args', 'previousErrors'],
])
/** What lies deeper in a line is not written either. */
const MAX_DEPTH = 5

/**
 * The log of one process: JSON lines on standard output. Callers pass identifiers, states and codes; message text,
 * telephone numbers, QR codes and tokens are never passed, and are removed should one slip through.
 */
export function createLogger(name: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    name,
    level,
    base: { pid: process.pid },
    // pino's own `redact` copies each line and searches it for every path: a tenth of all that accepting a message costs.
    formatters: { log: (fields: object) => withoutSecrets(fields, 1) },
    serializers: { err: (error: unknown) => error },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** @param depth of these fields: 1 for those of a line itself */
function withoutSecrets(fields: object, depth: number): Record<string, unknown> {
  const written: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    // At the top `to` is the next state of something, below it is whom a message goes to.
    const isSecret = SECRETS.has(name) || (name === 'to' && depth > 1)
    written[name] = isSecret ? '[removed]' : withoutInnerSecrets(value, depth)
  }
  return written
}

function withoutInnerSecrets(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth === MAX_DEPTH) return '[removed]'
  if (Array.isArray(value)) return value.map((one) => withoutInnerSecrets(one, depth + 1))
  return withoutSecrets(value instanceof Error ? stdSerializers.err(value) : value, depth + 1)
}
