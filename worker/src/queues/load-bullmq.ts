import { createRequire } from 'node:module'

type BullMQ = typeof import('bullmq')

/**
 * Required and not imported: to import CommonJS Node parses every file a second time, to find the names that it exports, which is
 * a sixth of the processor time of a start. Only these classes: the package's own entry loads 70 files more, for other
 * databases and for flows, which hold 2 MB.
 */
const require = createRequire(import.meta.url)
export const { Queue } = require('bullmq/dist/cjs/classes/queue') as Pick<BullMQ, 'Queue'>
export const { Worker } = require('bullmq/dist/cjs/classes/worker') as Pick<BullMQ, 'Worker'>
export type Queue = import('bullmq').Queue

const { RedisConnection } = require('bullmq/dist/cjs/classes/redis-connection') as Pick<
  BullMQ,
  'RedisConnection'
>
/** What a Redis is taken for that is not asked for its version: the oldest that is supported. */
RedisConnection.minimumVersion = '7.0.0'
