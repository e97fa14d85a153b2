import { setTimeout as pause } from 'node:timers/promises'
import { overload } from './overload.ts'

/** Shorter than what vitest gives a test, which would end it without a word of what was waited for. */
const LONGEST_MS = 240_000

type Truthy<T> = Exclude<T, false | null | undefined | 0 | ''>

/**
 * Waits until `condition` gives something true and returns that. An error that it throws counts as 'not yet'.
 * @param timeoutMs on a machine with a processor to spare; in proportion longer on one that is overloaded
 * @throws after that, naming what was waited for and the last that was seen
 */
export async function waitFor<T>(
  what: string,
  condition: () => Promise<T> | T,
  { timeoutMs = 20_000, everyMs = 50 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<Truthy<T>> {
  const began = performance.now()
  const longestMs = Math.max(timeoutMs, LONGEST_MS)
  const waitedMs = () => performance.now() - began
  let last: unknown
  let isOver = false
  // Looks once more when the time is over: this process may have stood still in it.
  while (!isOver) {
    isOver = waitedMs() >= timeoutMs && waitedMs() >= Math.min(timeoutMs * overload(), longestMs)
    try {
      const value = await condition()
      if (value) return value as Truthy<T>
      last = value
    } catch (error) {
      last = error
    }
    await pause(everyMs)
  }
  throw new Error(
    `waited ${Math.round(waitedMs())} ms for ${what}; last seen: ${last instanceof Error ? last.stack : JSON.stringify(last)}`,
  )
}
