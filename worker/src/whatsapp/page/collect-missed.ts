import type { PageMessageFacts, PageMessageModel } from './describe-message.ts'
import type { Chat, PageGlobals, PageModules } from './page-globals.ts'

/** What was heard of each chat, in unix seconds. */
export interface MissedSince {
  /** Where nothing is known of a chat. */
  base: number
  /** By chat id: the second of the newest message that was heard, and the full ids of those of that second. */
  seen: Record<string, string>
  /** Chats in which nothing happened since then are left out. */
  active: number
  /** Own messages of before are left out. */
  ownSince: number
  limit: number
}

interface ChatWithMessages extends Omit<Chat, 'msgs'> {
  msgs: { getModelsArray(): PageMessageModel[] }
}

interface MissedModules extends Omit<PageModules, 'WAWebCollections'> {
  WAWebCollections: { Chat: { getModelsArray(): ChatWithMessages[] } }
  WAWebChatLoadMessages: {
    loadEarlierMsgs(what: { chat: ChatWithMessages }): Promise<PageMessageModel[] | undefined>
  }
}

/**
 * Runs in the page: the messages that came to chats and were not heard, the oldest first, at most `limit` of them. Own messages are
 * those that were written elsewhere; one whose id may be ours is left out.
 */
export async function collectMissed(given: MissedSince): Promise<PageMessageFacts[]> {
  const page = window as unknown as Omit<PageGlobals, 'require'> & {
    require<Name extends keyof MissedModules>(name: Name): MissedModules[Name]
  }
  const { tellEdit, tellRevocation, watchDecryption } = page.sessionGatewayKit
  const ours = /^3EB0[0-9A-F]{18}$/
  const missed: PageMessageModel[] = []

  const seenOf = ({ id }: ChatWithMessages): string | undefined => {
    const other = page.sessionGatewayKit.otherIdentityOf(id)
    return given.seen[id._serialized] ?? (other && given.seen[other._serialized])
  }

  for (const chat of page.require('WAWebCollections').Chat.getModelsArray()) {
    const [at, ...keys] = (seenOf(chat) ?? String(given.base)).split(' ')
    const since = Number(at)
    const newest = chat.t ?? 0
    if (newest < since || newest < given.active) continue
    const reachesBack = () => chat.msgs.getModelsArray().some(({ t }) => t < since)
    while (newest > since && !reachesBack()) {
      const earlier = await page.require('WAWebChatLoadMessages').loadEarlierMsgs({ chat })
      if (!earlier || earlier.length === 0) break
    }
    for (const msg of chat.msgs.getModelsArray()) {
      // What the page took in and nobody wrote down. What was told is told once more, and dropped as such.
      if ((msg.latestEditSenderTimestampMs ?? 0) >= given.active * 1_000) tellEdit(msg)
      if (msg.type === 'revoked' && (msg.revokeTimestamp ?? 0) >= given.active) tellRevocation(msg, msg.id)
      if (msg.t < since || keys.includes(msg.id.toString())) continue
      const isOurs = msg.id.fromMe && ((msg.ack ?? 0) < 1 || msg.t < given.ownSince || ours.test(msg.id.id))
      if (msg.type === 'ciphertext') watchDecryption(msg)
      else if (!isOurs) missed.push(msg)
    }
  }
  // Sorting keeps the page's order within one second.
  missed.sort((one, other) => one.t - other.t)
  return missed.slice(0, given.limit).map((msg) => page.sessionGatewayKit.describeMessage(msg))
}
