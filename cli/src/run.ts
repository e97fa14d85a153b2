import { createInterface } from 'node:readline/promises'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { Command, ExitCode, Field, Fields } from './command.ts'
import { commands } from './commands.ts'
import { findGateway } from './find-gateway.ts'
import { GatewayClient, GatewayProblem, Unreachable } from './gateway-client.ts'
import { helpOf, listOperations, overview } from './help.ts'
import { Output } from './output.ts'
import { UsageError } from './usage-error.ts'

const globalOptions = {
  session: { type: 'string', short: 's' },
  url: { type: 'string' },
  token: { type: 'string' },
  sandbox: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies ParseArgsConfig['options']

/** Runs what a command line says. */
export async function run(args: string[], environment: NodeJS.ProcessEnv): Promise<ExitCode> {
  const output = new Output({ isJson: args.includes('--json') })
  try {
    const { positionals, values } = parseArgs({
      args,
      options: globalOptions,
      strict: false,
      allowPositionals: true,
    })
    const command = findCommand(positionals)
    if (command !== null) return await runCommand(command, args, environment, output)
    const isHelp =
      positionals.length === 0 || positionals[0] === 'help' || (values.help && positionals[0] !== 'op')
    if (positionals.join(' ') === 'op') output.text(listOperations())
    else if (isHelp) process.stdout.write(overview())
    else throw new UsageError(notFound(positionals))
    return 0
  } catch (error) {
    return tell(error, output)
  }
}

async function runCommand(
  command: Command,
  args: string[],
  environment: NodeJS.ProcessEnv,
  output: Output,
): Promise<ExitCode> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(helpOf(command))
    return 0
  }
  const { fields = {}, namesSession = false } = command
  const { values: given, positionals } = parseArgs({
    args,
    options: { ...globalOptions, ...optionsOf(fields, args) },
    allowPositionals: true,
  })
  const words = positionals.slice(command.name.split(' ').length)
  const named = namesSession ? words.shift() : undefined
  const values = readValues(fields, given as Record<string, unknown>, words)
  const gateway = new GatewayClient(
    findGateway(
      { url: given.url as string, token: given.token as string, sandbox: given.sandbox === true },
      environment,
    ),
  )
  const asked = named ?? (given.session as string | undefined) ?? (environment.WSG_SESSION || undefined)
  if (namesSession && asked === undefined) throw new UsageError('Say which session.')
  const session = command.session === 'one' ? (asked ?? (await onlySession(gateway))) : asked
  if (command.isDestructive && given.yes !== true) await confirm(command, session)
  const code = await command.run({ values, gateway, output, session: command.session && session })
  return code ?? 0
}

/** The one with the most words that are typed. */
function findCommand(positionals: readonly string[]): Command | null {
  for (const count of [2, 1]) {
    const name = positionals.slice(0, count).join(' ')
    const found = commands.find((command) => command.name === name)
    if (found !== undefined) return found
  }
  return null
}

function notFound(positionals: readonly string[]): string {
  const [first = ''] = positionals
  const near = commands.map(({ name }) => name).filter((name) => name.split(' ')[0] === first)
  if (first === 'op') return `There is no operation ${positionals[1]}. wsg op lists them.`
  if (near.length > 0) return `Say one of: ${near.join(', ')}.`
  return `There is no command ${first}. wsg --help lists them.`
}

/** A flag may be given with a word, too: `--available=false`. */
function optionsOf(fields: Fields, args: readonly string[]): NonNullable<ParseArgsConfig['options']> {
  const options = Object.entries(fields).filter(([, { isArgument }]) => !isArgument)
  return Object.fromEntries(
    options.map(([name, { type }]) => {
      const isAlone = type === 'flag' && !args.some((arg) => arg.startsWith(`--${name}=`))
      return [name, { type: isAlone ? ('boolean' as const) : ('string' as const) }]
    }),
  )
}

function readValues(
  fields: Fields,
  given: Record<string, unknown>,
  words: string[],
): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) {
    const written = field.isArgument ? words.shift() : given[name]
    if (written !== undefined) values[name] = readValue(name, field, written as string | boolean)
    else if (field.isRequired)
      throw new UsageError(`Say ${field.isArgument ? name.toUpperCase() : `--${name}`}.`)
  }
  const [tooMany] = words
  if (tooMany !== undefined) throw new UsageError(`${tooMany} is one word too many. Put a text in quotes.`)
  return values
}

function readValue(name: string, { type, oneOf }: Field, written: string | boolean): unknown {
  if (typeof written === 'boolean') return written
  if (oneOf !== undefined && !oneOf.includes(written))
    throw new UsageError(`${name} must be one of: ${oneOf.join(', ')}.`)
  if (type === 'flag') {
    if (written !== 'true' && written !== 'false') throw new UsageError(`${name} must be true or false.`)
    return written === 'true'
  }
  if (type === 'list') return written.split(',').map((one) => one.trim())
  if (type === 'number') {
    if (written.trim() === '' || Number.isNaN(Number(written)))
      throw new UsageError(`${name} must be a number.`)
    return Number(written)
  }
  if (type !== 'json') return written
  try {
    return JSON.parse(written) as unknown
  } catch {
    throw new UsageError(`${name} must be JSON, such as '{"type":"text"}'.`)
  }
}

/** @throws UsageError where there is none, or more than one */
async function onlySession(gateway: GatewayClient): Promise<string> {
  const { items } = (await gateway.get('/sessions', { query: { limit: 10 } })) as {
    items: { sessionId: string }[]
  }
  const [only, another] = items.map(({ sessionId }) => sessionId)
  if (only === undefined) throw new UsageError('There is no session yet. Make one with: wsg pair NAME')
  if (another === undefined) return only
  throw new UsageError(
    `Say which session with --session: ${items.map(({ sessionId }) => sessionId).join(', ')}.`,
  )
}

/** @throws UsageError where nobody is there to be asked, or who is says no */
async function confirm({ summary }: Command, session: string | undefined): Promise<void> {
  if (!process.stdin.isTTY) throw new UsageError(`${summary}. Say --yes if that is meant.`)
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  const of = session === undefined ? '' : ` (session ${session})`
  const answer = await prompt.question(`${summary}${of}. Is that meant? [y/N] `)
  prompt.close()
  if (!/^y(es)?$/i.test(answer.trim())) throw new UsageError('Nothing was done.')
}

function tell(error: unknown, output: Output): ExitCode {
  if (error instanceof UsageError || isParseFault(error)) {
    output.fault((error as Error).message)
    return 2
  }
  if (error instanceof Unreachable) {
    output.fault(error.message)
    return 3
  }
  if (!(error instanceof GatewayProblem)) throw error
  const { code, detail } = error.body
  const more = detail === undefined || detail === error.message ? '' : ` ${detail}`
  const cure = error.status === 401 ? ' Say the right one with --token, or WSG_TOKEN.' : ''
  output.fault(`${error.message}${more}${code === undefined ? '' : ` (${code})`}${cure}`, error.body)
  return error.status === 401 ? 3 : 1
}

function isParseFault(error: unknown): boolean {
  return String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')
}
