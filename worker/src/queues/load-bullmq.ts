import { createRequire } from 'node:module'

/**
 * Required: of a CommonJS module that is imported Node reads all 250 files once more for the names that they export, a sixth
 * of the processor time that a start takes.
 */
const bullmq = createRequire(import.meta.url)('bullmq') as typeof import('bullmq')
export const { Queue, Worker } = bullmq
export type Queue = import('bullmq').Queue

/** What a Redis is taken for that is not asked for its version: the oldest that is supported. */
bullmq.RedisConnection.minimumVersion = '7.0.0'
