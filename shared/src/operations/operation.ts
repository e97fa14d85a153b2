import type { z } from 'zod'
import type { ErrorCode } from '../errors.ts'
import type { Role } from '../roles.ts'

/** What the page knows by itself, or what WhatsApp's server is asked for, which refuses accounts that ask for too much. */
export type ReadPace = 'page' | 'server'

/** Something that a caller can ask of the worker that owns a session, beside sending. */
export interface Operation<Name extends string, Input extends z.ZodObject, Output extends z.ZodType> {
  /** `noun.verb` */
  name: Name
  /** One line for the documentation: what it does. */
  summary: string
  /** The gateway checks with it what a caller gave, and the worker gets what it makes of that. */
  input: Input
  /** The gateway checks with it what the worker answers. */
  output: Output
  /** How long a caller waits for the answer, the loading of a saved login included. */
  timeoutMs: number
  access: Role
  /** True where it needs WhatsApp Web loaded and logged in: the worker then waits until it is. */
  live: boolean
  /**
   * Its request, for an operation that is live; where it has none, a route of its own asks for it. What the path names comes
   * from the path, everything else from the query of a GET or DELETE and from the body of the others.
   */
  http?: { method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; path: `/${string}` }
  /** How what only reads of the page is held back; `page` where it is absent. `own`: a number check, which has a pace of its own. */
  pace?: ReadPace | 'own'
  /** False where it changes nothing that stays, though its request is none that reads. */
  isAudited?: false
  /** True where what it takes away cannot be had back by another operation: whoever asks for it may be asked whether he means it. */
  isDestructive?: true
  /** What it can be refused for, beside what any request can be. */
  errors?: readonly ErrorCode[]
  /** For the documentation, and what a WhatsApp client without a browser answers in tests. */
  example: { input: z.input<Input>; output: z.output<Output> }
}

/** The time for most of them. */
const TIMEOUT_MS = 30_000

/** One entry of a room's table. Unless it says otherwise it is live, and its caller waits for 30 s. */
export function operation<const Name extends string, Input extends z.ZodObject, Output extends z.ZodType>(
  definition: Omit<Operation<Name, Input, Output>, 'timeoutMs' | 'live'> &
    Partial<Pick<Operation<Name, Input, Output>, 'timeoutMs' | 'live'>>,
): Operation<Name, Input, Output> {
  return { timeoutMs: TIMEOUT_MS, live: true, ...definition }
}
