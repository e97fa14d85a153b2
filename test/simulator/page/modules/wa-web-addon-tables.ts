import { type AddOnRow, messageStorage } from '../message-storage.ts'
import type { WAWebMsgKey } from './wa-web-msg-key.ts'
import type { WAWebWid } from './wa-web-wid.ts'

interface Addon {
  id: WAWebMsgKey
  author: WAWebWid
  from: WAWebWid
}
interface Reaction extends Addon {
  reactionParentKey: WAWebMsgKey
  /** Empty where it is taken back. */
  reactionText: string
  /** Unix time in ms. */
  reactionTimestamp: number
  ack: number
  read: boolean
  orphan: number
}
interface Vote extends Addon {
  pollUpdateParentKey: WAWebMsgKey
  selectedOptionLocalIds: number[]
  /** Unix time in ms. */
  t: number
  senderTimestampMs: number
}

/** One row for each parent and sender: a later one takes the place of the earlier. */
function rowOf(table: string, parent: WAWebMsgKey, { id, author }: Addon) {
  const [parentMsgKey, chatId, sender] = [parent.toString(), parent.remote.toString(), author.toString()]
  return {
    id: `${table} ${parentMsgKey} ${sender}`,
    table,
    parentMsgKey,
    chatId,
    sender,
    msgKey: id.toString(),
  }
}

export const WAWebAddonReactionTableMode = {
  reactionTableMode: {
    async bulkUpsert(reactions: Reaction[]): Promise<void> {
      for (const reaction of reactions) {
        const { reactionText, reactionTimestamp, ack, read, orphan } = reaction
        await messageStorage.put('addOn', {
          ...rowOf('reaction', reaction.reactionParentKey, reaction),
          ...{ t: reactionTimestamp, reactionText, ack, read, orphan },
        })
      }
    },
  },
}

export const WAWebAddonPollVoteTableMode = {
  pollVoteTableMode: {
    async bulkUpsert(votes: Vote[]): Promise<void> {
      for (const vote of votes) {
        const { selectedOptionLocalIds, senderTimestampMs, t } = vote
        await messageStorage.put('addOn', {
          ...rowOf('vote', vote.pollUpdateParentKey, vote),
          ...{ t, senderTimestampMs, selectedOptionLocalIds },
        })
      }
    },
  },
}

export async function addOnRows(table: string, parentMsgKey: string): Promise<AddOnRow[]> {
  const rows = await messageStorage.all('addOn')
  return rows.filter((row) => row.table === table && row.parentMsgKey === parentMsgKey)
}

const schema = (table: string) => ({
  getTable: () => ({
    async equals([column]: ['parentMsgKey' | 'chatId'], value: string): Promise<AddOnRow[]> {
      const rows = await messageStorage.all('addOn')
      return rows.filter((row) => row.table === table && row[column] === value)
    },
  }),
})

export const WAWebPollsVotesSchema = schema('vote')
export const WAWebPinInChatSchema = schema('pin')
