import type { PageMessageFacts, PageMessageModel } from './describe-message.ts'
import type { Chat, PageGlobals, PageModules } from './page-globals.ts'

/** What was heard of each chat, in unix seconds. */
export interface MissedSince {
  /** Where nothing is known of a chat. */
  base: number
  /** By chat id: the second of the newest message that was heard, and the full ids of those of that second. */
  seen: Record<string, string>
  /** Full ids of messages that could not be read when they came, however much was heard since. */
  unreadable: string[]
  /** Chats in which nothing was written since then are left out, and what was done to messages before. */
  active: number
  /** Own messages of before are left out. */
  ownSince: number
  limit: number
}

interface ChatWithMessages extends Omit<Chat, 'msgs'> {
  msgs: { getModelsArray(): PageMessageModel[] }
}

interface MissedModules extends Omit<PageModules, 'WAWebCollections'> {
  WAWebCollections: {
    Chat: { getModelsArray(): ChatWithMessages[] }
    Msg: { getMessagesById(keys: string[]): Promise<{ messages: PageMessageModel[] } | undefined> }
  }
  WAWebChatLoadMessages: {
    loadEarlierMsgs(what: { chat: ChatWithMessages }): Promise<PageMessageModel[] | undefined>
  }
}

/**
 * Runs in the page: the messages that came to chats and were not heard, the oldest first, at most `limit` of them. Own messages are
 * those that were written elsewhere; one whose id may be ours is left out. What was done to messages since `active` is told once
 * more, because the page may have taken it in and nobody have written it down: of messages in memory, which in chats where
 * something happened since then are the newest portion that the page loads.
 */
export async function collectMissed(given: MissedSince): Promise<PageMessageFacts[]> {
  const page = window as unknown as PageGlobals<MissedModules>
  const { tellActs, watchDecryption } = page.sessionGatewayKit
  const ours = /^3EB0[0-9A-F]{18}$/
  const missed: PageMessageModel[] = []
  const actsSince = Math.max(given.active, given.base)

  const seenOf = ({ id }: ChatWithMessages): string | undefined => {
    const other = page.sessionGatewayKit.otherIdentityOf(id)
    return given.seen[id._serialized] ?? (other && given.seen[other._serialized])
  }
  const loadEarlier = async (chat: ChatWithMessages): Promise<boolean> => {
    const earlier = await page.require('WAWebChatLoadMessages').loadEarlierMsgs({ chat })
    return earlier !== undefined && earlier.length > 0
  }

  const { Chat: chats, Msg: messages } = page.require('WAWebCollections')
  for (const chat of chats.getModelsArray()) {
    const [at, ...keys] = (seenOf(chat) ?? String(given.base)).split(' ')
    const since = Number(at)
    const newest = chat.t ?? 0
    if (newest >= given.active) {
      const reachesBack = () => chat.msgs.getModelsArray().some(({ t }) => t < since)
      let isThereMore = await loadEarlier(chat)
      while (isThereMore && newest > since && !reachesBack()) isThereMore = await loadEarlier(chat)
    }
    for (const msg of chat.msgs.getModelsArray()) {
      await tellActs(msg, actsSince)
      if (newest < given.active || msg.t < since || keys.includes(msg.id.toString())) continue
      const isOurs = msg.id.fromMe && ((msg.ack ?? 0) < 1 || msg.t < given.ownSince || ours.test(msg.id.id))
      if (msg.type === 'ciphertext') watchDecryption(msg)
      else if (!isOurs) missed.push(msg)
    }
  }
  // What is in the page's store alone comes into memory with this, so that the page tells when it can be read.
  const found = given.unreadable.length > 0 ? await messages.getMessagesById(given.unreadable) : undefined
  const readable: PageMessageModel[] = []
  for (const msg of found?.messages ?? []) {
    if (msg.type === 'ciphertext') watchDecryption(msg, msg.t < given.active)
    else readable.push(msg)
  }
  // Sorting keeps the order within one second: what came before, then as the page has it.
  const all = [...new Set([...readable, ...missed])].sort((one, other) => one.t - other.t)
  return all.slice(0, given.limit).map((msg) => page.sessionGatewayKit.describeMessage(msg))
}
