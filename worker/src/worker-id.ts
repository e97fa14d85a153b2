import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'

/** What a worker calls itself; never used again. */
export function newWorkerId(): string {
  return `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`
}
