import { keys } from '@wsg/shared/redis/keys.ts'
import { gatewayTest } from '../gateway-test.ts'
import { NDJSON } from './bulk-client.ts'

/** A test that uploads batches to two gateways, for a session that is ready and sends nothing. */
export const bulkTest = gatewayTest
  .extend('worker', { auto: true }, ({ ready }) => ready('shop'))
  .extend(
    'bulk',
    ({ gateway }) =>
      (body: string, headers: Record<string, string> = {}, query = '', through = gateway) =>
        through.post(`/send/bulk${query}`, 'shop', body, { 'content-type': NDJSON, ...headers }),
  )
  .extend(
    'batchOf',
    ({ other }) =>
      async (id: string) =>
        (await other.get(`/batches/${id}`, 'shop')).body,
  )
  /** How many messages the session has. */
  .extend(
    'records',
    ({ redis }) =>
      async () =>
        (await redis.keys(keys.message('shop', '*'))).length,
  )
