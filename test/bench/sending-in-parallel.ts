import type { HttpCaller } from './http-caller.ts'

/**
 * Sends for `forMs` with `parallel` requests of each session open at a time, each to a chat of its own and answered
 * only at WhatsApp's ack.
 * @returns acked messages a second, all sessions together
 */
export async function sendInParallel(
  caller: HttpCaller,
  sending: { sessions: string[]; to: string[]; parallel: number; forMs: number },
): Promise<number> {
  const { sessions, to, parallel, forMs } = sending
  const since = performance.now()
  let acked = 0
  const line = async (session: string, chat: string) => {
    while (performance.now() - since < forMs) {
      await caller.sendAcked(session, chat, 'a message of the benchmark')
      // What is answered after the end does not count: the lines end one by one.
      if (performance.now() - since < forMs) acked += 1
    }
  }
  await Promise.all(
    sessions.flatMap((session) =>
      Array.from({ length: parallel }, (_, n) => line(session, to[n % to.length] as string)),
    ),
  )
  return (acked * 1_000) / forMs
}
