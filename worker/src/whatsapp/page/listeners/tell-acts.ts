import type { PageMessageModel } from '../describe-message.ts'
import type { MsgKey, PageGlobals, Wid } from '../page-globals.ts'

/** One person's vote in a poll. */
interface Vote {
  poll: MsgKey | PageMessageModel['id']
  by: Wid | string
  /** Local ids of the options. */
  chosen: number[]
  /** Epoch ms. */
  at: number
}

interface Poll extends PageMessageModel {
  pollOptions?: { name: string; localId?: number }[]
}

/** Runs in the page: tells a vote. The page gives it a key when it comes, and none when it is read again. */
export function tellVote({ poll: key, by, chosen, at }: Vote, poll: Poll | undefined): void {
  const { describeAct, tell } = (window as unknown as PageGlobals).sessionGatewayKit
  const voter = typeof by === 'string' ? by : by._serialized
  const options = poll?.pollOptions
    ?.filter(({ localId }, index) => chosen.includes(localId ?? index))
    .map(({ name }) => name)
  const act = describeAct(`vote ${key.toString()} ${voter} ${at} ${chosen.join()}`, key, { by, at })
  tell?.({ type: 'vote', act, options: options ?? null })
}

/**
 * Runs in the page: tells once more what was done to a message since then: its newest edit, its deletion, and the reactions and votes
 * that still stand. What was told before is dropped as such. What the page lacks is left out.
 * @param since unix time in seconds
 */
export async function tellActs(
  msg: PageMessageModel & { hasReaction?: boolean },
  since: number,
): Promise<void> {
  const page = window as unknown as PageGlobals
  const { describeAct, tell, tellEdit, tellRevocation, tellVote } = page.sessionGatewayKit
  const sinceMs = since * 1_000
  if ((msg.latestEditSenderTimestampMs ?? 0) >= sinceMs) tellEdit(msg)
  if (msg.type === 'revoked' && (msg.revokeTimestamp ?? 0) >= since) tellRevocation(msg, msg.id)
  const tellReactions = async () => {
    const found = await page.require('WAWebCollections').Reactions.find(msg.id.toString())
    for (const { aggregateEmoji: emoji, senders } of found?.reactions.serialize() ?? [])
      for (const { msgKey, senderUserJid: by, timestamp: at } of senders)
        if (at >= sinceMs) tell?.({ type: 'reaction', act: describeAct(msgKey, msg.id, { by, at }), emoji })
  }
  const tellVotes = async () => {
    const table = page.require('WAWebPollsVotesSchema').getTable()
    for (const vote of await table.equals(['parentMsgKey'], msg.id.toString())) {
      const { sender: by, senderTimestampMs: at } = vote
      const chosen = Array.from(vote.selectedOptionLocalIds)
      if (at >= sinceMs) tellVote({ poll: msg.id, by, chosen, at }, msg)
    }
  }
  try {
    if (msg.hasReaction) await tellReactions()
    if (msg.type === 'poll_creation') await tellVotes()
  } catch {
    // The list of what the page lacks says it.
  }
}
