import type { PageSettings } from '../wire.ts'

const MEGABYTE = 1_048_576
const TICK_MS = 100

let open: { promise: Promise<void>; release: () => void } | null = null
const leaked: number[][] = []
let leakTimer: ReturnType<typeof setInterval> | undefined

/** Waits while the page is wedged. Every call that the real page would do in the background passes here. */
export async function passFaults(): Promise<void> {
  await open?.promise
}

export function isWedged(): boolean {
  return open !== null
}

/** Starts or ends what the settings ask for. */
export function applyFaults({ hangPage, leakMbPerSecond }: PageSettings): void {
  if (hangPage === 'frozen') for (;;);
  if (hangPage === 'wedged' && !open) {
    const { promise, resolve } = Promise.withResolvers<void>()
    open = { promise, release: resolve }
  } else if (hangPage === 'no') {
    open?.release()
    open = null
  }
  clearInterval(leakTimer)
  if (leakMbPerSecond > 0) {
    leakTimer = setInterval(() => {
      // Eight bytes a number on V8's heap, where a real leak would be.
      leaked.push(new Array(Math.round((leakMbPerSecond * MEGABYTE * TICK_MS) / 8000)).fill(Math.random()))
    }, TICK_MS)
  }
}
