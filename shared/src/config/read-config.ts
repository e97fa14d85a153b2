import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** All that is wrong with the environment, in one error: the process says it and does not start. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(`The configuration is not valid:\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
    this.faults = faults
  }
}

/**
 * Reads one process' configuration from its environment. An empty variable counts as absent. Every variable may
 * instead be named with `_FILE` at its end and hold the path of a file with the value, as secrets are mounted.
 * @param together says what is wrong with the variables as a whole, from their texts
 * @throws ConfigError naming every fault at once; never a value, which could be a secret
 */
export function readConfig<S extends z.ZodObject>(
  schema: S,
  environment: NodeJS.ProcessEnv,
  together: (given: Readonly<Record<string, string>>) => string[] = () => [],
): z.infer<S> {
  const { given, faults } = readGiven(Object.keys(schema.shape), environment)
  faults.push(...together(given))
  const result = schema.safeParse(given)
  if (result.success && faults.length === 0) return result.data
  const issues = result.error?.issues ?? []
  throw new ConfigError([...faults, ...issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)])
}

/** What the variables hold, from the environment or from the files that it names. */
function readGiven(names: readonly string[], environment: NodeJS.ProcessEnv) {
  const given: Record<string, string> = {}
  const faults: string[] = []
  for (const name of names) {
    const value = environment[name] || undefined
    const file = environment[`${name}_FILE`] || undefined
    // An empty file counts as absent, so that a mount which is always there may hold nothing.
    const secret = file === undefined ? undefined : readSecret(`${name}_FILE`, file, faults)
    if (value !== undefined && secret) faults.push(`${name}: is given twice, also as ${name}_FILE`)
    const content = value ?? secret
    if (content) given[name] = content
  }
  return { given, faults }
}

function readSecret(name: string, file: string, faults: string[]): string | undefined {
  try {
    return readFileSync(file, 'utf8').trimEnd()
  } catch (error) {
    faults.push(`${name}: cannot be read (${(error as NodeJS.ErrnoException).code})`)
    return undefined
  }
}

/** A whole number from text, with bounds that the message names. */
export function wholeNumber(min: number, max: number) {
  return z.coerce
    .number({ error: `must be a whole number from ${min} to ${max}` })
    .int(`must be a whole number from ${min} to ${max}`)
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`)
}
