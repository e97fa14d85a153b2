import { createRequire } from 'node:module'

/**
 * Required: of a CommonJS module that is imported Node reads all 250 files once more for the names that they export, a sixth
 * of the processor time that a start takes.
 */
export const { Queue, Worker } = createRequire(import.meta.url)('bullmq') as typeof import('bullmq')
export type Queue = import('bullmq').Queue
