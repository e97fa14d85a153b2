import type { GatewayClient } from './gateway-client.ts'
import type { Output } from './output.ts'

/** 1: refused, or not sent. 2: it was not understood. 3: the gateway is not reached. 4: accepted, and not settled yet. */
export type ExitCode = 0 | 1 | 2 | 3 | 4

/** What a command takes, as an option or by its place. */
export interface Field {
  type: 'text' | 'number' | 'flag' | 'list' | 'json'
  describe: string
  isRequired?: boolean
  /** Taken by its place, before the options; those that are not required come last. */
  isArgument?: boolean
  /** The only words that it may be. */
  oneOf?: readonly string[]
}
export type Fields = Readonly<Record<string, Field>>

export interface Command {
  /** As it is typed: `sessions stop`. */
  name: string
  summary: string
  /** By what is typed: `reply-to` for an option. */
  fields?: Fields
  /** `one`: of `--session`, or the only one there is. `maybe`: of `--session`, else of all. */
  session?: 'one' | 'maybe'
  /** The session is the first word behind the command. */
  namesSession?: boolean
  /** A person is asked first, unless `--yes` is said. */
  isDestructive?: boolean
  examples?: readonly string[]
  /** @throws UsageError, GatewayProblem, Unreachable */
  // biome-ignore lint/suspicious/noConfusingVoidType: most commands have nothing to say of how they ended
  run(call: Call): Promise<ExitCode | void>
}

export interface Call {
  /** What was given, by the names of the fields. */
  values: Readonly<Record<string, unknown>>
  gateway: GatewayClient
  /** The session that the command concerns; undefined for all. */
  session: string | undefined
  output: Output
}

export function text(values: Call['values'], name: string): string | undefined {
  return values[name] as string | undefined
}
