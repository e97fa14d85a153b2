import {
  ClientClosed,
  ClientFailed,
  NotHandedOver,
  PageNotReached,
  PageUnresponsive,
} from './client-errors.ts'
import type { ResolvedChat } from './whatsapp-client.ts'

/**
 * The chat ids of the people that a message mentions, in its order; a number that is not on WhatsApp stays as it is.
 * @throws ClientClosed, PageNotReached, NotHandedOver: whatever goes wrong here, nothing was sent
 */
export async function resolveMentions(
  mentions: readonly string[],
  resolveNumber: (digits: string) => Promise<ResolvedChat | null>,
): Promise<string[]> {
  const chatOf = async (mention: string) =>
    mention.includes('@') ? mention : ((await resolveNumber(mention))?.chatId ?? `${mention}@c.us`)
  try {
    return await Promise.all(mentions.map(chatOf))
  } catch (error) {
    if (error instanceof ClientClosed) throw error
    if (error instanceof PageUnresponsive || error instanceof ClientFailed)
      throw new PageNotReached('the page was gone while mentions were looked up', { cause: error })
    throw new NotHandedOver('send_failed', 'a mentioned number could not be looked up')
  }
}
