import { appendEvents } from '@wsg/shared/redis/event/append-events.ts'
import type { ActingWorker } from './acting-worker.ts'

let count = 0
/** What the page tells of messages that others wrote, in that order. @returns their ids */
export async function hear(worker: ActingWorker, chat: string, ...texts: string[]): Promise<string[]> {
  const ids = texts.map(() => `3A${String(++count).padStart(18, '0')}`)
  await appendEvents(worker.redis, {
    sessionId: worker.sessionId,
    token: worker.token,
    events: texts.map((text, i) => ({
      event: 'message',
      occurrence: `false_${chat}_${ids[i]}`,
      chats: [chat],
      data: { id: ids[i], chatId: chat, text, fromMe: false },
    })),
  })
  return ids
}
