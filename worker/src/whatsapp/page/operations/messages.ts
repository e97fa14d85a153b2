import type { OperationOutput } from '@wsg/shared/operations/operations.ts'
import type { Chat, Msg, PageGlobals, PageModules } from '../page-globals.ts'
import type { PageAnswer, PageOperations } from './page-operation.ts'

/** A message as operations see one. */
export interface Message extends Msg {
  /** Unix time in seconds. */
  t: number
  body?: string
  caption?: string
  star?: boolean
  hasReaction?: boolean
  /** Set anew by each edit. */
  latestEditMsgKey?: unknown
  pollName?: string
  pollOptions?: { name: string; localId: number }[]
  /** How many options one person may choose; 0 or absent: all. */
  pollSelectableOptionsCount?: number
}

interface MessageModules extends PageModules {
  WAWebCmd: {
    Cmd: PageModules['WAWebCmd']['Cmd'] & {
      sendRevokeMsgs(chat: Chat, what: MessageList, how: { clearMedia: boolean }): Promise<unknown>
      sendDeleteMsgs(chat: Chat, what: MessageList, clearMedia: boolean): Promise<unknown>
      sendStarMsgs(chat: Chat, messages: Msg[], isPeer: boolean): Promise<unknown>
      sendUnstarMsgs(chat: Chat, messages: Msg[], isPeer: boolean): Promise<unknown>
    }
  }
  WAWebMsgActionCapability: Record<
    'canSenderRevokeMsg' | 'canAdminRevokeMsg' | 'canEditText' | 'canEditCaption' | 'canStarMsg',
    (message: Msg) => boolean
  >
  WAWebSendMessageEditAction: { sendMessageEdit(message: Msg, text: string, more: object): Promise<unknown> }
  WAWebSendReactionMsgAction: { sendReactionToMsg(message: Msg, emoji: string): Promise<unknown> }
  WAWebSendEventResponseMsgAction: { sendEventResponseMsg(code: number, message: Msg): Promise<unknown> }
  WAWebSendEventEditMsgAction: { sendEventEditMessage(event: object, message: Msg): Promise<unknown> }
  WAWebPollsSendVoteMsgAction: { sendVote(message: Msg, localIds: Set<number>): Promise<unknown> }
}

interface MessageList {
  list: Msg[]
  type: 'message'
}

/** What whatsapp-web.js' own function uses. */
const PIN = [
  'WAWebPinMsgConstants.getPinExpiryDuration',
  'WAWebSendPinMessageAction.sendPinInChatMsg',
] as const

/** What one does to messages. */
export const messages = {
  'message.edit': {
    on: 'message',
    needs: [
      'WAWebMsgActionCapability.canEditText',
      'WAWebMsgActionCapability.canEditCaption',
      'WAWebSendMessageEditAction.sendMessageEdit',
    ],
    run: async ({ text, mentions, linkPreview }, { message, page, kit, deadline }) => {
      const previewWithinMs = 5_000
      const editableMs = 15 * 60_000
      const isText = message.type === 'chat'
      const wording = () => (isText ? message.body : message.caption)
      if (!message.id.fromMe) return { refused: 'message_not_own' }
      if (message.type === 'revoked') return { refused: 'message_revoked' }
      const { canEditText, canEditCaption } = page.require('WAWebMsgActionCapability')
      if (!canEditText(message) && !canEditCaption(message)) {
        const isOld = Date.now() - message.t * 1_000 > editableMs
        return { refused: isOld && wording() ? 'message_too_old' : 'message_not_editable' }
      }
      const part = message.id.id
      if (linkPreview && wording() !== text)
        await kit.fetchLinkPreview({ messageId: part, text, limitMs: previewWithinMs }).catch(() => {})
      const preview = kit.linkPreviews.get(part)
      kit.linkPreviews.delete(part)
      const { createWid } = page.require('WAWebWidFactory')
      const mentionedJidList = mentions.map((person) => createWid(person))
      const more = { mentionedJidList, ...(preview && { ...preview, preview: true, subtype: 'url' }) }
      const before = message.latestEditMsgKey
      return await kit.confirmed(
        {
          act: () => page.require('WAWebSendMessageEditAction').sendMessageEdit(message, text, more),
          isDone: () => wording() === text || message.latestEditMsgKey !== before,
          deadline,
        },
        () => ({ ...kit.nameMessage(message), text }),
      )
    },
  },

  'message.revoke': {
    on: 'message',
    needs: [
      'WAWebMsgActionCapability.canSenderRevokeMsg',
      'WAWebMsgActionCapability.canAdminRevokeMsg',
      'WAWebCmd.Cmd.sendRevokeMsgs',
      'WAWebCmd.Cmd.sendDeleteMsgs',
    ],
    run: ({ forEveryone }, { message, page, kit, deadline }) => {
      const { Cmd } = page.require('WAWebCmd')
      const { Msg: all } = page.require('WAWebCollections')
      const { canSenderRevokeMsg, canAdminRevokeMsg } = page.require('WAWebMsgActionCapability')
      const what: MessageList = { list: [message], type: 'message' }
      const isRevoked = () => message.type === 'revoked'
      if (forEveryone && !isRevoked() && !canSenderRevokeMsg(message) && !canAdminRevokeMsg(message))
        return { refused: message.id.fromMe ? 'message_too_old' : 'message_not_own' }
      return kit.confirmed(
        {
          act: () =>
            forEveryone
              ? Cmd.sendRevokeMsgs(kit.chatOf(message), what, { clearMedia: true })
              : Cmd.sendDeleteMsgs(kit.chatOf(message), what, true),
          isDone: () => (forEveryone ? isRevoked() : all.get(message.id.toString()) === undefined),
          deadline,
        },
        () => ({ ...kit.nameMessage(message), forEveryone }),
      )
    },
  },

  'message.react': {
    on: 'message',
    needs: ['WAWebSendReactionMsgAction.sendReactionToMsg'],
    run: ({ emoji }, { message, page, kit, deadline }) => {
      if (message.type === 'revoked') return { refused: 'message_revoked' }
      const act = () => page.require('WAWebSendReactionMsgAction').sendReactionToMsg(message, emoji)
      return kit.confirmed({ act, deadline }, () => ({ ...kit.nameMessage(message), emoji }))
    },
  },

  'message.vote': {
    on: 'message',
    needs: ['WAWebPollsSendVoteMsgAction.sendVote'],
    run: ({ options }, { message, page, kit, deadline }) => {
      if (message.type === 'revoked') return { refused: 'message_revoked' }
      if (message.type !== 'poll_creation') return { refused: 'not_a_poll' }
      const { pollOptions = [], pollSelectableOptionsCount: most = 0 } = message
      const unknown = options.find((option) => !pollOptions.some(({ name }) => name === option))
      if (unknown !== undefined) {
        const names = JSON.stringify(pollOptions.map(({ name }) => name))
        const detail = `It has no option ${JSON.stringify(unknown)}, but ${names}.`
        return { refused: 'poll_options_invalid', detail }
      }
      const chosen = pollOptions.filter(({ name }) => options.includes(name))
      if (most > 0 && chosen.length > most)
        return { refused: 'poll_options_invalid', detail: `One person may choose ${most} of its options.` }
      const localIds = new Set(chosen.map(({ localId }) => localId))
      const act = () => page.require('WAWebPollsSendVoteMsgAction').sendVote(message, localIds)
      return kit.confirmed({ act, deadline }, () => ({ ...kit.nameMessage(message), options }))
    },
  },

  'message.respond': {
    on: 'message',
    needs: ['WAWebSendEventResponseMsgAction.sendEventResponseMsg'],
    run: ({ response }, { message, page, kit, deadline }) => {
      const codes = { none: 0, going: 1, not_going: 2, maybe: 3 }
      if (message.type !== 'event_creation') return { refused: 'message_not_allowed' }
      const action = page.require('WAWebSendEventResponseMsgAction')
      const act = () => action.sendEventResponseMsg(codes[response], message)
      return kit.confirmed({ act, deadline }, () => ({ ...kit.nameMessage(message), response }))
    },
  },

  'message.edit-event': {
    on: 'message',
    needs: ['WAWebSendEventEditMsgAction.sendEventEditMessage'],
    run: ({ name, startsAt, endsAt, description, location, call, canceled }, context) => {
      const { message, page, kit, deadline } = context
      const seconds = (moment: string) => Math.floor(Date.parse(moment) / 1_000)
      if (message.type !== 'event_creation') return { refused: 'message_not_allowed' }
      if (!message.id.fromMe) return { refused: 'message_not_own' }
      if (endsAt !== undefined && endsAt <= startsAt)
        return { refused: 'message_not_allowed', detail: 'endsAt must be later than startsAt.' }
      const event = {
        ...{ name, description, location, startTime: seconds(startsAt), isEventCanceled: canceled },
        ...{ endTime: endsAt === undefined ? null : seconds(endsAt), callType: call ?? 'none' },
      }
      const action = page.require('WAWebSendEventEditMsgAction')
      const act = () => action.sendEventEditMessage(event, message)
      return kit.confirmed({ act, deadline }, () => kit.nameMessage(message))
    },
  },

  'message.star': {
    on: 'message',
    needs: ['WAWebMsgActionCapability.canStarMsg', 'WAWebCmd.Cmd.sendStarMsgs'],
    run: (_input, { message, kit, deadline }) => kit.setStarred(message, true, deadline),
  },

  'message.unstar': {
    on: 'message',
    needs: ['WAWebMsgActionCapability.canStarMsg', 'WAWebCmd.Cmd.sendUnstarMsgs'],
    run: (_input, { message, kit, deadline }) => kit.setStarred(message, false, deadline),
  },

  'message.pin': {
    on: 'message',
    needs: PIN,
    run: ({ seconds }, { message, page, kit, deadline }) => {
      if (message.type === 'revoked') return { refused: 'message_revoked' }
      const pins = 1
      const act = async () =>
        (await page.WWebJS?.pinUnpinMsgAction(message.id.toString(), pins, seconds)) ?? false
      const until = new Date(Date.now() + seconds * 1_000).toISOString()
      return kit.confirmed({ act, deadline }, () => ({ ...kit.nameMessage(message), pinned: true, until }))
    },
  },

  'message.unpin': {
    on: 'message',
    needs: PIN,
    run: (_input, { message, page, kit, deadline }) => {
      if (message.type === 'revoked') return { refused: 'message_revoked' }
      const unpins = 2
      const act = async () =>
        (await page.WWebJS?.pinUnpinMsgAction(message.id.toString(), unpins, 0)) ?? false
      return kit.confirmed({ act, deadline }, () => ({ ...kit.nameMessage(message), pinned: false }))
    },
  },
} satisfies PageOperations<MessageModules>

/** Runs in the page: stars a message, or takes its star away. */
export async function setStarred(
  message: Message,
  starred: boolean,
  deadline: number,
): Promise<PageAnswer<OperationOutput<'message.star'>>> {
  const page = window as unknown as PageGlobals<MessageModules>
  const { confirmed, nameMessage, chatOf } = page.sessionGatewayKit
  if (!page.require('WAWebMsgActionCapability').canStarMsg(message)) return { refused: 'message_not_allowed' }
  const { Cmd } = page.require('WAWebCmd')
  const chat = chatOf(message)
  return await confirmed(
    {
      act: () =>
        starred ? Cmd.sendStarMsgs(chat, [message], false) : Cmd.sendUnstarMsgs(chat, [message], false),
      isDone: () => (message.star === true) === starred,
      deadline,
    },
    () => ({ ...nameMessage(message), starred }),
  )
}

/** Runs in the page: a message as answers name it, by the key that it had before it was deleted for everyone. */
export function nameMessage(message: Msg): { id: string; messageId: string; chatId: string } {
  const { id, type, protocolMessageKey: before } = message
  const messageId = (type === 'revoked' && before ? before : id).toString()
  return { id: messageId.split('_')[2] ?? id.id, messageId, chatId: id.remote._serialized }
}

/** Runs in the page: the chat of a message that was found, which the page then has as well. */
export function chatOf({ id }: Msg): Chat {
  const chat = (window as unknown as PageGlobals).require('WAWebCollections').Chat.get(id.remote)
  if (!chat) throw new Error('the chat of a message is not there')
  return chat
}
