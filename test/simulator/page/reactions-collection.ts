import type { AddOnRow } from './message-storage.ts'
import { addOnRows } from './modules/wa-web-addon-tables.ts'
import { WAWebMsgKey } from './modules/wa-web-msg-key.ts'
import { WAWebUserPrefsMeUser } from './modules/wa-web-user-prefs-me-user.ts'
import { WAWebWidFactory } from './modules/wa-web-wid-factory.ts'

interface Sender {
  msgKey: string
  parentMsgKey: string
  senderUserJid: string
  reactionText: string
  /** Unix time in ms. */
  timestamp: number
}

interface Aggregate {
  id: string
  aggregateEmoji: string
  hasReactionByMe: boolean
  senders: Sender[]
}

/** The reactions to each message, by emoji. */
export const reactionsCollection = {
  async find(msgKey: string): Promise<{ reactions: { length: number; serialize(): Aggregate[] } }> {
    const rows = (await addOnRows('reaction', WAWebMsgKey.fromString(msgKey).toString())).filter(
      ({ reactionText }) => reactionText !== '',
    )
    const aggregates = Map.groupBy(rows, ({ reactionText }) => String(reactionText))
    const reactions = [...aggregates].map(([emoji, senders]) => ({
      id: emoji,
      aggregateEmoji: emoji,
      hasReactionByMe: senders.some(({ sender }) =>
        WAWebUserPrefsMeUser.isMeAccount(WAWebWidFactory.createWid(sender)),
      ),
      senders: senders.map(senderOf),
    }))
    return { reactions: { length: reactions.length, serialize: () => reactions } }
  },
}

function senderOf({ msgKey, parentMsgKey, sender, reactionText, t }: AddOnRow): Sender {
  return {
    msgKey: String(msgKey),
    parentMsgKey,
    senderUserJid: sender,
    reactionText: String(reactionText),
    timestamp: t,
  }
}
