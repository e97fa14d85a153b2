import { setTimeout as pause } from 'node:timers/promises'

type Truthy<T> = Exclude<T, false | null | undefined | 0 | ''>

/**
 * Waits until `condition` gives something true and returns that. An error that it throws counts as 'not yet'.
 * @throws after `timeoutMs`, naming what was waited for and the last that was seen
 */
export async function waitFor<T>(
  what: string,
  condition: () => Promise<T> | T,
  { timeoutMs = 20_000, everyMs = 50 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<Truthy<T>> {
  const end = performance.now() + timeoutMs
  let last: unknown
  while (performance.now() < end) {
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
    `waited ${timeoutMs} ms for ${what}; last seen: ${last instanceof Error ? last.stack : JSON.stringify(last)}`,
  )
}
