import type { ControlHandler } from './control-handler.ts'

/** Only quicker than the next look, which asks the same. Before the session is ready there is nothing to hurry. */
export const queueCheck: ControlHandler<'queue.check'> = async ({ sender }) => {
  await sender?.checkQueue()
  return {}
}
