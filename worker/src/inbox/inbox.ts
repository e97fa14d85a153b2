import type { Logger } from '@wsg/shared/logger.ts'
import type { NewEvent } from '@wsg/shared/redis/event/append-events.ts'
import type { PageNews } from '../whatsapp/page/hear-messages.ts'
import type { EventLog } from './event-log.ts'
import { messageFromPage } from './from-page/message.ts'

/** Takes what the page tells, and logs what of it is an event. */
export class Inbox {
  readonly #log: EventLog
  readonly #logger: Logger

  constructor(log: EventLog, logger: Logger) {
    this.#log = log
    this.#logger = logger
  }

  take(news: PageNews): void {
    const event = this.#read(news)
    if (event !== null) this.#log.add(event)
  }

  #read(news: PageNews): NewEvent | null {
    switch (news.type) {
      case 'message':
        return messageFromPage(news.message)
      case 'deaf':
        this.#logger.error(
          { listener: news.listener, detail: news.detail },
          'WhatsApp Web did not take a listener; what it would hear is not told',
        )
        return null
    }
  }
}
