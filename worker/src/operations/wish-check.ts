import type { ControlHandler } from './control-handler.ts'

/** Only quicker than the next renewal of the lease, which asks the same. */
export const wishCheck: ControlHandler<'wish.check'> = async (session) => {
  await session.checkWish()
  return {}
}
