import type { ErrorCode } from '@wsg/shared/errors.ts'
import type { OperationInput, OperationName, OperationOutput } from '@wsg/shared/operations/operations.ts'

/**
 * A part of WhatsApp's page: a module, or the way into one, such as `WAWebCmd.Cmd.archiveChat`. It is looked for by name, and
 * never by the page's version: servers switch parts of the page on and off for single accounts.
 */
export type Binding = `WA${string}`

export type PageAnswer<Output> = { output: Output } | { refused: ErrorCode; detail?: string }

/** One operation as it is carried out inside the page. */
interface PageOperation<N extends OperationName> {
  /** Looked for before `run`. Where one is missing nothing is done, and the caller is told which. */
  needs: readonly Binding[]
  /**
   * Is sent into the page as text, so it may use nothing from outside of itself.
   * @param deadline epoch ms at which the caller stops waiting
   */
  run(
    input: OperationInput<N>,
    deadline: number,
  ): PageAnswer<OperationOutput<N>> | Promise<PageAnswer<OperationOutput<N>>>
}

/** Operations by their names, for `satisfies`. */
export type PageOperations = { [N in OperationName]?: PageOperation<N> }
