import type { Logger } from '@wsg/shared/logger.ts'
import { type Place, placeOf } from '@wsg/shared/messages/recipient.ts'
import { SENDING } from '@wsg/shared/sessions/engine.ts'
import pTimeout from 'p-timeout'
import { NotHandedOver, PageNotReached, PageUnresponsive, SendDeadlinePassed } from './client-errors.ts'
import { lackOf, mustHave } from './must-have.ts'
import type { PageTaskName } from './page/bindings.ts'
import type { PageSendOutcome } from './page/sending/send-message.ts'
import type { PageCalls } from './page-calls.ts'
import type { SignOfLife } from './sign-of-life.ts'
import type { OutgoingMessage, SentMessage } from './whatsapp-client.ts'

/** A text without it has no link, so that the page need not be asked. */
const MAY_HAVE_LINK = /\S\.\S/
const LINK_PREVIEW_MS = 5_000
/** How long the page has to say that it gave something up. */
const PAGE_ANSWER_MS = 1_000

/** What of a post is missing would be met only when it has been handed over. */
const postingTasks: Partial<Record<Place, PageTaskName>> = {
  channel: 'writing in a channel',
  status: 'posting a status',
}

interface PageSenderOptions {
  calls: PageCalls
  signOfLife: SignOfLife
  logger: Logger
}

/** Hands messages over to the page, before their deadlines or not at all. */
export class PageSender {
  readonly #options: PageSenderOptions

  constructor(options: PageSenderOptions) {
    this.#options = options
  }

  async fetchLinkPreview({
    messageId,
    previewOf: text,
  }: Pick<OutgoingMessage, 'messageId' | 'previewOf'>): Promise<void> {
    if (text === undefined || !MAY_HAVE_LINK.test(text)) return
    const { calls, logger } = this.#options
    const limitMs = LINK_PREVIEW_MS
    const silent = () => {
      throw new PageUnresponsive('the page did not say that it gave a link preview up')
    }
    try {
      const asked = calls.call('link preview', ({ kit }) =>
        kit.call('fetchLinkPreview', { messageId, text, limitMs }),
      )
      const isFetched = await pTimeout(asked, {
        milliseconds: limitMs + PAGE_ANSWER_MS,
        fallback: silent,
      })
      if (!isFetched) logger.info({ messageId }, 'a link preview took too long; the text goes without one')
    } catch (error) {
      const { name } = error as Error
      logger.info(
        { messageId, error: name },
        'a link preview could not be fetched; the text goes without one',
      )
    }
  }

  async send(message: OutgoingMessage): Promise<SentMessage> {
    const { calls, signOfLife } = this.#options
    // A call that nobody waits for any more must not send: the page's deadline is never after ours.
    const deadline = Math.min(message.deadline, Date.now() + calls.callMs)
    const remainingMs = deadline - Date.now()
    if (remainingMs <= 0) throw new SendDeadlinePassed('The deadline was over before the page was asked.')
    const silent = () => {
      throw new PageNotReached('The page did not answer before the deadline.')
    }
    const suspicion = setTimeout(() => calls.opened?.suspectHang(), remainingMs)
    try {
      await pTimeout(signOfLife.fresh(), { milliseconds: remainingMs, fallback: silent })
      if (message.again) {
        const outcome = await calls.call('send again', async ({ kit }) => {
          await mustHave(kit, 'sending again after a crash', NotHandedOver)
          return await kit.call('resendMessage', {
            messageId: message.messageId,
            chatId: message.chatId,
            deadline,
          })
        })
        if (outcome !== null) return sentOrThrow(outcome)
      }
      const { messageId, chatId, body, options, replyTo, media, cards, callLink, forwardOf } = message
      const given = {
        ...{ messageId, chatId, body, options, deadline },
        ...(replyTo !== undefined && { replyTo }),
        ...(cards !== undefined && { cards }),
        ...(callLink !== undefined && { callLink }),
        ...(media !== undefined && { hasMedia: true as const }),
        ...(forwardOf !== undefined && { forwardOf }),
      }
      const outcome = await calls.call('send', async ({ kit }) => {
        const posting = postingTasks[placeOf(chatId)]
        if (posting !== undefined) await mustHave(kit, posting, NotHandedOver)
        return await kit.send(given)
      })
      if (outcome.outcome === 'refused' && outcome.code === 'send_failed') await this.#explainRefusal(message)
      return sentOrThrow(outcome)
    } finally {
      clearTimeout(suspicion)
    }
  }

  /**
   * Where a message was refused because the page lacks something.
   * @throws PageNotReached where nothing can be sent at all, NotHandedOver where it is about this message
   */
  async #explainRefusal({ chatId, replyTo, cards, callLink }: OutgoingMessage): Promise<void> {
    const { calls } = this.#options
    // A page that does not say is believed that it refused the message.
    const lacksFor = async (task: PageTaskName) =>
      await calls.call('page check', ({ kit }) => kit.lacksFor(task)).catch(() => [])
    const lacks = await lacksFor(SENDING)
    if (lacks.length > 0) {
      await calls.opened?.lookAtEngine().catch(() => {})
      throw new PageNotReached(lackOf(lacks))
    }
    const tasks: PageTaskName[] = []
    if (replyTo !== undefined) tasks.push('replying')
    if (placeOf(chatId) === 'group') tasks.push('sending to a group')
    if (cards?.some((card) => 'id' in card)) tasks.push('sending contacts by their ids')
    if (callLink !== undefined) tasks.push('links to calls')
    for (const task of tasks) {
      const lacks = await lacksFor(task)
      if (lacks.length > 0) throw new NotHandedOver('not_available_in_this_page', lackOf(lacks))
    }
  }
}

/**
 * What the page said about a hand-over, in the port's terms.
 * @throws SendDeadlinePassed, PageNotReached, NotHandedOver: it was certainly not sent
 */
function sentOrThrow(outcome: PageSendOutcome): SentMessage {
  switch (outcome.outcome) {
    case 'handed_over':
      return { messageId: outcome.messageId, ...(outcome.lid && { lid: outcome.lid }) }
    case 'late':
      throw new SendDeadlinePassed('The deadline was over before the page could take the message.')
    case 'not_reached':
      throw new PageNotReached(
        'The page was loaded anew, or lost its connection, before it was given the message.',
      )
    case 'refused':
      throw new NotHandedOver(outcome.code, outcome.detail)
  }
}
