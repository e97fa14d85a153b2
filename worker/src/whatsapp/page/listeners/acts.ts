import type { PageMessageModel } from '../describe-message.ts'
import type { MsgKey, PageGlobals, PageModules, Wid } from '../page-globals.ts'
import type { PageListener } from './page-listener.ts'
import type { PageAct } from './page-news.ts'

/** A reaction or a vote, as the page stores it. Times are epoch ms. */
interface AddOn {
  id: MsgKey
  author?: Wid | string
  from: Wid | string
}
interface Reaction extends AddOn {
  reactionParentKey: MsgKey
  reactionText: string
  reactionTimestamp: number
}
interface Vote extends Omit<AddOn, 'id'> {
  pollUpdateParentKey: MsgKey
  selectedOptionLocalIds: number[]
  senderTimestampMs: number
}

interface ActModules extends PageModules {
  WAWebDBProcessEditProtocolMsgs: object
  WAWebDBProcessRevokeMsgs: object
  WAWebAddonReactionTableMode: { reactionTableMode: object }
  WAWebAddonPollVoteTableMode: { pollVoteTableMode: object }
}

/** What is done to messages. The page changes a message in memory, or only in its store: both are listened to. */
export const acts = {
  'hearing edits': {
    needs: ['WAWebCollections.Msg.on'],
    without: 'An edit is no event.',
    listen: () => {
      const page = window as unknown as PageGlobals
      const { guarded, tellEdit } = page.sessionGatewayKit
      page.require('WAWebCollections').Msg.on('change:latestEditMsgKey', guarded(tellEdit))
    },
  },

  'hearing edits of older messages': {
    needs: ['WAWebDBProcessEditProtocolMsgs.processEditProtocolMsgs', 'WAWebCollections.Msg.getMessagesById'],
    without: 'An edit of a message that WhatsApp Web does not have in memory is no event.',
    listen: () => {
      const page = window as unknown as PageGlobals<ActModules>
      const { findAnyMessage, hearCalls, tellEdit } = page.sessionGatewayKit
      const owner = page.require('WAWebDBProcessEditProtocolMsgs')
      const heard = async (edits: { id: MsgKey; protocolMessageKey?: MsgKey }[]) => {
        for (const { id, protocolMessageKey: key } of edits) {
          const edited =
            key && ((await findAnyMessage(key.toString())) as unknown as PageMessageModel | undefined)
          // The page takes none that comes too late, or from somebody else.
          if (edited && String(edited.latestEditMsgKey) === id.toString()) tellEdit(edited)
        }
      }
      hearCalls(owner, 'processEditProtocolMsgs', heard)
    },
  },

  'hearing revocations': {
    needs: ['WAWebCollections.Msg.on'],
    without: 'A deletion for everyone is no event.',
    listen: () => {
      const page = window as unknown as PageGlobals
      const { guarded, tellRevocation } = page.sessionGatewayKit
      const heard = guarded((msg: PageMessageModel) => {
        const { id, type } = msg
        // A moment later it says who did it, and its id is that of the message which asked for it.
        if (type === 'revoked') setTimeout(guarded(() => tellRevocation(msg, id)))
      })
      page.require('WAWebCollections').Msg.on('change:type', heard)
    },
  },

  'hearing revocations of older messages': {
    needs: ['WAWebDBProcessRevokeMsgs.processRevokeMsgs', 'WAWebCollections.Msg.getMessagesById'],
    without: 'A deletion of a message that WhatsApp Web does not have in memory is no event.',
    listen: () => {
      const page = window as unknown as PageGlobals<ActModules>
      const { findAnyMessage, hearCalls, tellRevocation } = page.sessionGatewayKit
      const owner = page.require('WAWebDBProcessRevokeMsgs')
      const heard = async (asked: { revokeMsgKey: MsgKey; newMsgKey: MsgKey }[]) => {
        for (const { revokeMsgKey: key, newMsgKey } of asked) {
          // The page takes none from somebody who may not. What it has taken bears the id of the message that asked for it.
          const [fromMe, remote, , ...more] = key.toString().split('_')
          const revoked = await findAnyMessage([fromMe, remote, newMsgKey.id, ...more].join('_'))
          if (revoked?.type === 'revoked') tellRevocation(revoked as unknown as PageMessageModel, key)
        }
      }
      hearCalls(owner, 'processRevokeMsgs', heard)
    },
  },

  'hearing reactions': {
    needs: ['WAWebAddonReactionTableMode.reactionTableMode.bulkUpsert'],
    without: 'A reaction is no event.',
    listen: () => {
      const page = window as unknown as PageGlobals<ActModules>
      const { describeAct, hearCalls, tell } = page.sessionGatewayKit
      const owner = page.require('WAWebAddonReactionTableMode').reactionTableMode
      const heard = (reactions: Reaction[]) => {
        for (const { id, author, from, reactionParentKey, reactionText, reactionTimestamp } of reactions) {
          const act = describeAct(id, reactionParentKey, { by: author ?? from, at: reactionTimestamp })
          tell?.({ type: 'reaction', act, emoji: reactionText })
        }
      }
      hearCalls(owner, 'bulkUpsert', heard)
    },
  },

  'hearing votes': {
    needs: [
      'WAWebAddonPollVoteTableMode.pollVoteTableMode.bulkUpsert',
      'WAWebCollections.Msg.getMessagesById',
    ],
    without: 'A vote in a poll is no event.',
    listen: () => {
      const page = window as unknown as PageGlobals<ActModules>
      const { findAnyMessage, hearCalls, tellVote } = page.sessionGatewayKit
      const owner = page.require('WAWebAddonPollVoteTableMode').pollVoteTableMode
      const heard = async (votes: Vote[]) => {
        for (const {
          author,
          from,
          pollUpdateParentKey: key,
          selectedOptionLocalIds,
          senderTimestampMs,
        } of votes) {
          const poll = (await findAnyMessage(key.toString())) as unknown as PageMessageModel | undefined
          const vote = { poll: key, by: author ?? from, chosen: Array.from(selectedOptionLocalIds) }
          tellVote({ ...vote, at: senderTimestampMs }, poll)
        }
      }
      hearCalls(owner, 'bulkUpsert', heard)
    },
  },
} satisfies Record<string, PageListener>

/**
 * Runs in the page: what is the same of all that is done to a message.
 * @param act full id of what was done
 * @param of key of the message
 */
export function describeAct(
  act: MsgKey | string,
  of: PageMessageModel['id'] | MsgKey,
  { by, at }: { by: Wid | string | undefined; at: number },
): PageAct {
  const page = window as unknown as PageGlobals
  const { getMaybeMeLidUser, getMaybeMePnUser } = page.require('WAWebUserPrefsMeUser')
  const mine = [getMaybeMePnUser(), getMaybeMeLidUser()].map((wid) => wid?._serialized)
  const who = page.sessionGatewayKit.personOf(
    by ?? of.participant ?? (of.fromMe && mine[0] ? mine[0] : of.remote),
  )
  return {
    key: act.toString(),
    message: { id: of.id, key: of.toString() },
    chat: page.sessionGatewayKit.personOf(of.remote),
    by: who,
    isMine: [who.id, who.phone, who.lid].some((id) => id !== undefined && mine.includes(id)),
    at,
  }
}

/** Runs in the page: tells the newest edit of a message. */
export function tellEdit(msg: PageMessageModel): void {
  const { describeAct, describeMessage, tell } = (window as unknown as PageGlobals).sessionGatewayKit
  if (!msg.latestEditMsgKey || msg.type === 'revoked') return
  const { body, caption, mentions, author } = describeMessage(msg)
  const at = msg.latestEditSenderTimestampMs ?? Date.now()
  const act = describeAct(msg.latestEditMsgKey, msg.id, { by: author?.id, at })
  tell?.({ type: 'edit', act, text: body ?? caption ?? '', mentions: mentions ?? [] })
}

/**
 * Runs in the page: tells that a message was deleted for everyone.
 * @param before its key before that, where the page does not tell it
 */
export function tellRevocation(msg: PageMessageModel, before: PageMessageModel['id'] | MsgKey): void {
  const { describeAct, tell } = (window as unknown as PageGlobals).sessionGatewayKit
  const key = typeof msg.protocolMessageKey === 'object' ? msg.protocolMessageKey : before
  const by = msg.revokeSender ?? msg.id.participant ?? msg.author
  const at = msg.revokeTimestamp === undefined ? Date.now() : msg.revokeTimestamp * 1_000
  tell?.({
    type: 'revocation',
    act: describeAct(`revoked ${key.toString()}`, key, { by, at }),
    isAdmin: msg.subtype === 'admin',
  })
}
