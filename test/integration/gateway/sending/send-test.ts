import { keys } from '@wsg/shared/redis/keys.ts'
import { gatewayTest } from '../gateway-test.ts'

/** A test of `POST /send` at a gateway that takes few messages. */
export const sendTest = gatewayTest
  .extend('environment', { scope: 'file' }, { MAX_QUEUED: '3' })
  /** How many messages a session has. */
  .extend(
    'records',
    ({ redis }) =>
      async (session: string) =>
        (await redis.keys(keys.message(session, '*'))).length,
  )
