import type { ErrorCode } from '@wsg/shared/errors.ts'
import type { OperationInput, OperationName, OperationOutput } from '@wsg/shared/operations/operations.ts'

/** What is used of WhatsApp's page: a module, and the way into it, such as `WAWebCmd.Cmd.archiveChat`. */
type Binding = `WA${string}.${string}`

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
