import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger }

/**
 * The log of one process: JSON lines on standard output. Callers pass identifiers, states and codes; message text,
 * telephone numbers, QR codes and tokens are never passed, and these fields are removed should one slip through. An
 * error that Redis answered carries its whole command, and with it all of them: its arguments are removed too.
 */
export function createLogger(name: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    name,
    level,
    base: { pid: process.pid },
    redact: {
      paths: [
        '*.command.args',
        '*.previousErrors',
        'body',
        'text',
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
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}
