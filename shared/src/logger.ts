import { type Logger, pino } from 'pino'

export type { Logger }

/**
 * The log of one process: JSON lines on standard output. Callers pass identifiers, states and codes; message text,
 * telephone numbers, QR codes and tokens are never passed, and these fields are removed should one slip through.
 */
export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    base: { pid: process.pid },
    redact: {
      paths: [
        'body',
        'text',
        'to',
        'phone',
        'qr',
        'token',
        'authorization',
        '*.body',
        '*.text',
        '*.to',
        '*.phone',
        '*.qr',
        '*.token',
        '*.authorization',
        'req.headers',
      ],
      censor: '[removed]',
    },
  })
}
