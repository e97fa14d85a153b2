import type { ChatModel } from '../chat-model.ts'
import type { MsgModel } from '../msg-model.ts'

/** Small questions about chats and messages that other modules ask. */
export const WAWebChatGetters = {
  getIsNewsletter: (chat: ChatModel) => chat.id.isNewsletter(),
  getIsBroadcast: (chat: ChatModel) => chat.id.isBroadcast(),
  getIsGroup: (chat: ChatModel) => chat.id.isGroup(),
}

export const WAWebMsgReply = { canReplyMsg: (msg: MsgModel) => msg.canReply() }

export const WAWebGetEphemeralFieldsMsgActionsUtils = { getEphemeralFields: (_chat: ChatModel) => ({}) }

export const WAWebMsgActionCapability = {
  canSenderRevokeMsg: (_msg: MsgModel) => false,
  canAdminRevokeMsg: (_msg: MsgModel) => false,
  canStarMsg: (_msg: MsgModel) => false,
  canEditText: (_msg: MsgModel) => false,
  canEditCaption: (_msg: MsgModel) => false,
}
