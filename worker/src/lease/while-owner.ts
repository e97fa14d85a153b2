import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@wsg/shared/logger.ts'
import { type Fence, FenceClosed } from './fence.ts'

const RETRY_AFTER_MS = 100
/** Not every try is logged: one every five seconds. */
const LOGGED_TRIES = 50

/**
 * Repeats a command until Redis answers it, for as long as this process may be the owner. A command that failed may
 * have been carried out nevertheless, so what is repeated must bear it; `again` says that it is a repetition.
 * @throws FenceClosed once the lease can no longer be counted on
 */
export async function whileOwner<T>(
  fence: Fence,
  logger: Logger,
  attempt: (again: boolean) => Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    if (!fence.isOpen()) throw new FenceClosed('Redis did not answer while the lease lasted')
    try {
      return await attempt(tries > 0)
    } catch (error) {
      if (error instanceof FenceClosed) throw error
      if (tries % LOGGED_TRIES === 0)
        logger.warn({ err: error, tries }, 'Redis refused a command of the owner; trying again')
      await pause(RETRY_AFTER_MS)
    }
  }
}
