import type { ErrorCode } from '@wsg/shared/errors.ts'
import type { OperationInput, OperationName, OperationOutput } from '@wsg/shared/operations/operations.ts'
import type { PageMessageFacts } from '../describe-message.ts'
import type { PageGlobals, PageModules } from '../page-globals.ts'
import type { Subject, SubjectModels } from './subjects.ts'

/**
 * A part of WhatsApp's page: a module, or the way into one, such as `WAWebCmd.Cmd.archiveChat`. It is looked for by name, and
 * never by the page's version: servers switch parts of the page on and off for single accounts. `A or B`: either will do, as
 * what it is has moved.
 */
export type Binding = `WA${string}`

export interface PageRefusal {
  refused: ErrorCode
  detail?: string
}
/** `pending`: it was begun and does not show by the deadline, so that it may still be done later. */
export type PageAnswer<Output> = { output: Output } | PageRefusal | { pending: true }

export interface MessagePage {
  messages: PageMessageFacts[]
  nextCursor: string | null
}

/** A search that takes long, so that other things may be asked of the page: asked again, it goes on from where it is. */
export interface LongSearch {
  /** As much of the page as it has; null for nothing. */
  foundSoFar: MessagePage | null
}

/** What the page says of an operation where that is not yet what callers are told: `worker/src/operations` makes the answer. */
interface PageWords {
  'chat.history': MessagePage | LongSearch
  'message.search': MessagePage
  'channel.messages': MessagePage | LongSearch
  'chat.pinned-messages': { messages: PageMessageFacts[] }
}
export type PageOutput<N extends OperationName> = N extends keyof PageWords
  ? PageWords[N]
  : OperationOutput<N>

/** What an operation is given beside its input. */
interface PageContext<Modules extends PageModules> {
  page: PageGlobals<Modules>
  kit: PageGlobals['sessionGatewayKit']
  /** Epoch ms at which the caller stops waiting. */
  deadline: number
  /** The file that the input has as `media`. */
  file?: File | undefined
}

/** One operation as it is carried out inside the page. */
interface OnSubject<N extends OperationName, Modules extends PageModules, S extends Subject | undefined> {
  /** Looked for before `run`. Where one is missing nothing is done, and the caller is told which. */
  needs: readonly Binding[]
  /** What is sent into the page as text, so that it may use nothing from outside of itself. */
  run(
    input: OperationInput<N>,
    context: PageContext<Modules> & (S extends Subject ? Pick<SubjectModels, S> : object),
  ): PageAnswer<PageOutput<N>> | Promise<PageAnswer<PageOutput<N>>>
  /** What its input names, which is found before `run` and given to it; where it is not there the caller is told so. */
  on: S
}

type PageOperation<N extends OperationName, Modules extends PageModules> =
  | { [S in Subject]: OnSubject<N, Modules, S> }[Subject]
  | (Omit<OnSubject<N, Modules, undefined>, 'on'> & { on?: undefined })

/** Operations by their names, for `satisfies`. */
export type PageOperations<Modules extends PageModules = PageModules> = {
  [N in OperationName]?: PageOperation<N, Modules>
}
