import { bucketFaults, commonConfig } from '@wsg/shared/config/common.ts'
import { readConfig, wholeNumber } from '@wsg/shared/config/read-config.ts'
import { redisFaults } from '@wsg/shared/config/redis-config.ts'
import { pacingChangesSchema } from '@wsg/shared/messages/pacing.ts'
import { z } from 'zod'

const WORD = /(?:[^\s"']|"[^"]*"|'[^']*')+/y
const SPACE = /\s*/y

/** The variables that a worker reads. The configuration table of the README is made from the descriptions. */
export const workerConfigSchema = z.object({
  ...commonConfig,
  PUPPETEER_EXECUTABLE_PATH: z
    .string()
    .optional()
    .describe('The Chromium to use. Looked for in the usual places where it is not set.'),
  CHROMIUM_ARGS: z
    .string()
    .default('')
    .transform((text, context) => {
      const words = splitArguments(text)
      if (words !== null) return words
      context.addIssue({ code: 'custom', message: 'has a quote that is not closed' })
      return z.NEVER
    })
    .describe('More flags for Chromium, separated by spaces. Quotes keep a flag with spaces together.'),
  CHROMIUM_SANDBOX: z
    .enum(['auto', 'on', 'off'], { error: 'must be auto, on or off' })
    .default('auto')
    .describe(
      "Chromium's own sandbox: `auto` uses it where that is possible and says in the log why not, `on` starts no browser without it, `off` never uses it. A worker that runs as root starts Chromium as the user nobody, since Chromium refuses its sandbox to root.",
    ),
  RESEND_AFTER_CRASH: z
    .enum(['never', 'same-id'], { error: 'must be never or same-id' })
    .default('never')
    .describe(
      'What becomes of a message whose worker died while sending it, before an ack: `never` calls it unknown until a receipt of it comes, `same-id` sends it again under its id and rests on WhatsApp dropping repeats.',
    ),
  PACING: z
    .string()
    .transform((text, context) => {
      if (text === 'on' || text === 'off') return text
      const { data, error } = pacingChangesSchema.safeParse(fromJson(text))
      if (data !== undefined) return data
      const faults = error.issues.map(({ path, message }) => [...path, message].join(' '))
      context.addIssue({ code: 'custom', message: `must be on, off or JSON: ${faults.join('; ')}` })
      return z.NEVER
    })
    .optional()
    .describe(
      'How fast sessions send that say nothing else by `PUT /session`: `on` protects their numbers, `off` is as fast as WhatsApp Web takes it, and JSON changes some of the figures of `on`. Where it is not set: `on`, in the sandbox `off`.',
    ),
  EVENT_BODIES: z
    .enum(['on', 'off'], { error: 'must be on or off' })
    .default('on')
    .describe(
      'Whether events say what somebody wrote. With `off` no text, caption, file name, place, contact or poll of a message that comes in is ever written to Redis: events say that it is there.',
    ),
  HISTORY_HOURS: wholeNumber(0, 87_600)
    .default(0)
    .describe(
      'How many hours before a session was paired are told as events too, marked `catchUp`: what WhatsApp Web has of them by then. 0 tells nothing of the time before.',
    ),
  QR_TIMEOUT_MS: wholeNumber(1_000, 86_400_000)
    .default(300_000)
    .describe('How long an unscanned QR code is shown before the session gives its worker back (ms).'),
  MEMORY_LIMIT_MB: wholeNumber(0, 1_048_576)
    .optional()
    .describe(
      "What a worker and its browser may take together (MB); 0 for no limit. The browser is replaced before it. Where it is not set: the container's limit, 512 for the workers of `npm start`.",
    ),
  WORLD: z
    .enum(['real', 'sandbox'], { error: 'must be real or sandbox' })
    .default('real')
    .describe('Which WhatsApp the profiles belong to. A profile of one world is not opened in the other.'),
  LIVENESS_FILE: z
    .string()
    .optional()
    .describe(
      'A file whose time of change is renewed every five seconds, for health checks of the event loop.',
    ),
})

export type WorkerConfig = z.infer<typeof workerConfigSchema>

/** @throws ConfigError naming every fault of the environment at once */
export function readWorkerConfig(environment: NodeJS.ProcessEnv): WorkerConfig {
  return readConfig(workerConfigSchema, environment, (given) => [
    ...redisFaults(given),
    ...bucketFaults(given),
  ])
}

/** What a client has to know of it. */
export function clientSettings(
  config: Pick<
    WorkerConfig,
    | 'WORLD'
    | 'PUPPETEER_EXECUTABLE_PATH'
    | 'CHROMIUM_ARGS'
    | 'CHROMIUM_SANDBOX'
    | 'MAX_MEDIA_MB'
    | 'MEDIA_RETENTION_HOURS'
  >,
) {
  return {
    maxFileBytes: config.MAX_MEDIA_MB * 1_000_000,
    fileRetentionMs: config.MEDIA_RETENTION_HOURS * 3_600_000,
    world: config.WORLD,
    executablePath: config.PUPPETEER_EXECUTABLE_PATH || undefined,
    chromiumArgs: config.CHROMIUM_ARGS,
    sandbox: config.CHROMIUM_SANDBOX,
  }
}

/** What is no JSON is refused by whoever checks it. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Splits a line of arguments at its spaces, as a shell would: single and double quotes keep what is between them
 * together and are removed. There are no escapes. Chromium takes nothing but flags here, so a word that is none goes
 * on with the flag before it: `--host-resolver-rules=MAP a b` needs no quotes.
 * @returns null where a quote is not closed
 */
export function splitArguments(line: string): string[] | null {
  const words: string[] = []
  for (let at = skipSpace(line, 0); at < line.length; at = skipSpace(line, at)) {
    WORD.lastIndex = at
    const word = WORD.exec(line)?.[0]
    if (word === undefined) return null
    const plain = word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single)
    if (plain.startsWith('-') || words.length === 0) words.push(plain)
    else words.push(`${words.pop()} ${plain}`)
    at += word.length
    if (at < line.length && !/\s/.test(line[at] as string)) return null
  }
  return words
}

function skipSpace(line: string, from: number): number {
  SPACE.lastIndex = from
  SPACE.exec(line)
  return SPACE.lastIndex
}
