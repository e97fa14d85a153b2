import type { Binding } from '../operations/page-operation.ts'

/** One thing that is listened to. */
export interface PageListener {
  /** What of the page it attaches to. Not looked for before: what is missing throws. */
  needs: readonly Binding[]
  /** What becomes of a session whose page lacks some of it. */
  without: string
  /** Is sent into the page as text, so it may use nothing from outside of itself. Throws where the page lacks something. */
  listen(): void
}
