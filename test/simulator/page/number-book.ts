import type { LidMode, NumberAnswer } from '../wire.ts'
import { messageStorage } from './message-storage.ts'
import type { WAWebWid } from './modules/wa-web-wid.ts'
import { WAWebWidFactory } from './modules/wa-web-wid-factory.ts'

const known = new Map<string, NumberAnswer>()
const byLid = new Map<string, NumberAnswer>()

/** What this page has learned of numbers and their LIDs, from queries and from messages. Kept with the messages. */
export const numberBook = {
  async load(): Promise<void> {
    for (const { number, lid, lidMode, registered } of await messageStorage.all('number')) {
      hold({ number, lid, lidMode: lidMode as LidMode, registered })
    }
  },

  learn(answer: NumberAnswer): void {
    const before = known.get(answer.number)
    if (before?.lidMode === answer.lidMode && before.registered === answer.registered) return
    hold(answer)
    messageStorage.put('number', answer).catch(reportError)
  },

  of(wid: WAWebWid): NumberAnswer | undefined {
    return wid.isLid() ? byLid.get(wid.user) : known.get(wid.user)
  },

  /** The LID that the page knows for a number. */
  lidOf(wid: WAWebWid): WAWebWid | undefined {
    const answer = numberBook.of(wid)
    return answer && answer.lidMode !== 'unknown' ? WAWebWidFactory.createWid(`${answer.lid}@lid`) : undefined
  },

  phoneOf(wid: WAWebWid): WAWebWid | undefined {
    const answer = numberBook.of(wid)
    return answer && WAWebWidFactory.createWid(`${answer.number}@c.us`)
  },

  /** The id under which a chat with this number is kept. */
  chatWid({ number, lid, lidMode }: NumberAnswer): WAWebWid {
    return WAWebWidFactory.createWid(lidMode === 'all-under-lid' ? `${lid}@lid` : `${number}@c.us`)
  },
}

function hold(answer: NumberAnswer): void {
  known.set(answer.number, answer)
  byLid.set(answer.lid, answer)
}
