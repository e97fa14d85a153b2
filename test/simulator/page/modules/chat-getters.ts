import type { ChatModel } from '../chat-model.ts'
import { groupMetadata } from '../group-metadata.ts'
import type { MsgModel } from '../msg-model.ts'

/** Small questions about chats and messages that other modules ask. */
export const WAWebChatGetters = {
  getIsNewsletter: (chat: ChatModel) => chat.id.isNewsletter(),
  getIsBroadcast: (chat: ChatModel) => chat.id.isBroadcast(),
  getIsGroup: (chat: ChatModel) => chat.id.isGroup(),
}

export const WAWebMsgReply = { canReplyMsg: (msg: MsgModel) => msg.canReply() }

export const WAWebGetEphemeralFieldsMsgActionsUtils = { getEphemeralFields: (_chat: ChatModel) => ({}) }

/** For how long a message can be edited, and for how long it can be taken back. */
const EDITABLE_S = 15 * 60
const REVOCABLE_S = 60 * 60 * 60

function isMineWithin(msg: MsgModel, seconds: number): boolean {
  return msg.id.fromMe && msg.type !== 'revoked' && Date.now() / 1000 - msg.t < seconds
}

/** Only a caption that is there can be edited (read). */
const CAPTIONED: ReadonlySet<string> = new Set(['image', 'video', 'document'])

export const WAWebMsgActionCapability = {
  canSenderRevokeMsg: (msg: MsgModel) => isMineWithin(msg, REVOCABLE_S),
  canAdminRevokeMsg: (msg: MsgModel) => groupMetadata.get(msg.id.remote)?.me?.isAdmin === true,
  canStarMsg: (msg: MsgModel) => msg.type !== 'revoked',
  canEditText: (msg: MsgModel) => msg.type === 'chat' && isMineWithin(msg, EDITABLE_S),
  canEditCaption: (msg: MsgModel) =>
    CAPTIONED.has(msg.type) && Boolean(msg.caption) && isMineWithin(msg, EDITABLE_S),
}
