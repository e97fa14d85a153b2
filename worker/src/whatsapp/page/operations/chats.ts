import type { OperationOutput } from '@wsg/shared/operations/operations.ts'
import type { Chat, PageGlobals, PageModules, Wid } from '../page-globals.ts'
import type { PageOperations } from './page-operation.ts'

interface ChatModules extends PageModules {
  WAWebCmd: {
    Cmd: PageModules['WAWebCmd']['Cmd'] & {
      archiveChat(chat: Chat, archive: boolean): Promise<unknown>
      pinChat(chat: Chat, pin: boolean): Promise<unknown>
      markChatUnread(chat: Chat, unread: boolean): Promise<unknown>
    }
  }
  WAWebUpdateUnreadChatAction: {
    sendSeen(what: { chat: Chat; threadId: undefined }): Promise<unknown>
  }
  WAWebChatStateBridge: {
    sendChatStateComposing(chatId: Wid): Promise<unknown>
    sendChatStateRecording(chatId: Wid): Promise<unknown>
    sendChatStatePaused(chatId: Wid): Promise<unknown>
  }
  WAWebChatClearBridge: { sendClear(chat: Chat, keepStarred: boolean): Promise<unknown> }
  WAWebDeleteChatAction: { sendDelete(chat: Chat): Promise<unknown> }
}

export const chats = {
  'chat.list': {
    needs: [
      'WAWebCollections.Chat.getModelsArray',
      'WAWebApiContact.getCurrentLid',
      'WAWebApiContact.getPhoneNumber',
    ],
    run: ({ limit, cursor, kind, unread, archived, pinned, muted, name }, { page, kit }) => {
      const is = (wanted: boolean | undefined, value: boolean) => wanted === undefined || wanted === value
      const isWanted = (chat: Chat) =>
        (chat.id.isGroup() || chat.id.server === 'c.us' || chat.id.isLid()) &&
        (kind === undefined || (kind === 'group') === chat.id.isGroup()) &&
        is(unread, (chat.unreadCount ?? 0) !== 0) &&
        is(archived, chat.archive === true) &&
        is(pinned, (chat.pin ?? 0) > 0) &&
        is(muted, (chat.mute?.expiration ?? 0) !== 0) &&
        (name === undefined || (chat.formattedTitle ?? '').toLowerCase().includes(name.toLowerCase()))
      const found = page.require('WAWebCollections').Chat.getModelsArray().filter(isWanted)
      const { items, nextCursor } = kit.pageOf(found, { limit, cursor }, (chat) => ({
        rank: chat.t ?? 0,
        id: chat.id._serialized,
      }))
      return { output: { items: items.map(kit.describeChat), nextCursor } }
    },
  },

  'chat.get': {
    on: 'chat',
    needs: [],
    run: (_input, { chat, kit }) => ({ output: kit.describeChat(chat) }),
  },

  'chat.seen': {
    on: 'chat',
    needs: [
      'WAWebUpdateUnreadChatAction.sendSeen',
      'WAWebStreamModel.Stream.markAvailable',
      'WAWebStreamModel.Stream.markUnavailable',
    ],
    run: async (_input, { chat, page, kit }) => {
      const { Stream } = page.require('WAWebStreamModel')
      // Receipts leave only while the account shows itself available.
      kit.wantAvailable += 1
      if (!Stream.available) Stream.markAvailable()
      try {
        await page.require('WAWebUpdateUnreadChatAction').sendSeen({ chat, threadId: undefined })
      } finally {
        kit.wantAvailable -= 1
        if (kit.wantAvailable === 0) Stream.markUnavailable()
      }
      return { output: kit.describeChat(chat) }
    },
  },

  'chat.typing': {
    on: 'chat',
    needs: [
      'WAWebChatStateBridge.sendChatStateComposing',
      'WAWebChatStateBridge.sendChatStateRecording',
      'WAWebChatStateBridge.sendChatStatePaused',
    ],
    run: async ({ state }, { chat, page }) => {
      const bridge = page.require('WAWebChatStateBridge')
      if (state === 'typing') await bridge.sendChatStateComposing(chat.id)
      else if (state === 'recording') await bridge.sendChatStateRecording(chat.id)
      else await bridge.sendChatStatePaused(chat.id)
      return { output: { id: chat.id._serialized, state } }
    },
  },

  'chat.archive': {
    on: 'chat',
    needs: ['WAWebCmd.Cmd.archiveChat'],
    run: async (_input, { chat, page, kit, deadline }) => {
      if (chat.archive !== true) await page.require('WAWebCmd').Cmd.archiveChat(chat, true)
      return await kit.chatOnce(chat, () => chat.archive === true, deadline)
    },
  },

  'chat.unarchive': {
    on: 'chat',
    needs: ['WAWebCmd.Cmd.archiveChat'],
    run: async (_input, { chat, page, kit, deadline }) => {
      if (chat.archive === true) await page.require('WAWebCmd').Cmd.archiveChat(chat, false)
      return await kit.chatOnce(chat, () => chat.archive !== true, deadline)
    },
  },

  'chat.pin': {
    on: 'chat',
    needs: ['WAWebCmd.Cmd.pinChat', 'WAWebCollections.Chat.getModelsArray'],
    run: async (_input, { chat, page, kit, deadline }) => {
      const mostPinned = 3
      const isPinned = ({ pin }: Chat) => (pin ?? 0) > 0
      if (!isPinned(chat)) {
        const pinned = page.require('WAWebCollections').Chat.getModelsArray().filter(isPinned)
        // The page would ask a person which of them is to go.
        if (pinned.length >= mostPinned) return { refused: 'too_many_pinned' }
        await page.require('WAWebCmd').Cmd.pinChat(chat, true)
      }
      return await kit.chatOnce(chat, () => isPinned(chat), deadline)
    },
  },

  'chat.unpin': {
    on: 'chat',
    needs: ['WAWebCmd.Cmd.pinChat'],
    run: async (_input, { chat, page, kit, deadline }) => {
      const isPinned = () => (chat.pin ?? 0) > 0
      if (isPinned()) await page.require('WAWebCmd').Cmd.pinChat(chat, false)
      return await kit.chatOnce(chat, () => !isPinned(), deadline)
    },
  },

  'chat.mute': {
    on: 'chat',
    needs: [],
    run: async ({ until }, { chat, kit, deadline }) => {
      const forGood = -1
      const expiration = until === undefined ? forGood : Math.floor(Date.parse(until) / 1_000)
      await chat.mute?.mute({ expiration, sendDevice: true })
      return await kit.chatOnce(chat, () => chat.mute?.expiration === expiration, deadline)
    },
  },

  'chat.unmute': {
    on: 'chat',
    needs: [],
    run: async (_input, { chat, kit, deadline }) => {
      const isMuted = () => (chat.mute?.expiration ?? 0) !== 0
      if (isMuted()) await chat.mute?.unmute({ sendDevice: true })
      return await kit.chatOnce(chat, () => !isMuted(), deadline)
    },
  },

  'chat.mark-unread': {
    on: 'chat',
    needs: ['WAWebCmd.Cmd.markChatUnread'],
    run: async (_input, { chat, page, kit, deadline }) => {
      const isUnread = () => (chat.unreadCount ?? 0) !== 0
      if (!isUnread()) await page.require('WAWebCmd').Cmd.markChatUnread(chat, true)
      return await kit.chatOnce(chat, isUnread, deadline)
    },
  },

  'chat.unmark-unread': {
    on: 'chat',
    needs: ['WAWebCmd.Cmd.markChatUnread'],
    run: async (_input, { chat, page, kit, deadline }) => {
      // Of a chat with unread messages it would tell their writers that they were read.
      const isMarked = () => chat.unreadCount === -1
      if (isMarked()) await page.require('WAWebCmd').Cmd.markChatUnread(chat, false)
      return await kit.chatOnce(chat, () => !isMarked(), deadline)
    },
  },

  'chat.clear': {
    on: 'chat',
    needs: ['WAWebChatClearBridge.sendClear'],
    run: async (_input, { chat, page, kit }) => {
      await page.require('WAWebChatClearBridge').sendClear(chat, false)
      return { output: kit.describeChat(chat) }
    },
  },

  'chat.delete': {
    on: 'chat',
    needs: ['WAWebDeleteChatAction.sendDelete'],
    run: async (_input, { chat, page }) => {
      await page.require('WAWebDeleteChatAction').sendDelete(chat)
      return { output: { id: chat.id._serialized } }
    },
  },
} satisfies PageOperations<ChatModules>

/**
 * Runs in the page.
 * @param chatId a person's number in digits, or a chat id
 * @returns the chat, which WhatsApp may keep under the number or under the LID of a person
 */
export function findChat(chatId: string): Chat | undefined {
  const page = window as unknown as PageGlobals<ChatModules>
  const { Chat: chats } = page.require('WAWebCollections')
  const wid = page.sessionGatewayKit.widOf(chatId)
  const found = chats.get(wid)
  if (found) return found
  const other = page.sessionGatewayKit.otherIdentityOf(wid)
  return other && chats.get(other)
}

/**
 * Runs in the page: whether writing to a person would begin a chat. What the page tells itself about a chat, such as that
 * it is encrypted, is no message, nor is one of ours that WhatsApp's server never took.
 */
export function isNewChat(chatId: string): boolean {
  const chat = (window as unknown as PageGlobals<ChatModules>).sessionGatewayKit.findChat(chatId)
  if (!chat) return true
  const ownNotes = ['e2e_notification', 'notification', 'notification_template', 'gp2', 'protocol']
  const messages = chat.msgs.getModelsArray().filter(({ type }) => !ownNotes.includes(type ?? ''))
  // A chat that was not opened has none of its messages in memory.
  if (messages.length === 0) return !chat.t
  return !messages.some(({ id, ack }) => !id.fromMe || ack > 0)
}

/** Runs in the page: a chat as callers are told of it. */
export function describeChat(chat: Chat): OperationOutput<'chat.get'> {
  const { id } = chat
  const isPerson = id.server === 'c.us' || id.isLid()
  const { identitiesOf } = (window as unknown as PageGlobals<ChatModules>).sessionGatewayKit
  const dateOf = (seconds: number) => new Date(seconds * 1_000).toISOString()
  // 0 for none, -1 for good, else unix time in seconds.
  const mutedUntil = chat.mute?.expiration ?? 0
  return {
    id: id._serialized,
    ...(isPerson && identitiesOf(id)),
    name: chat.formattedTitle ?? '',
    isGroup: id.isGroup(),
    // -1 where it was marked as unread by hand.
    unreadCount: Math.max(0, chat.unreadCount ?? 0),
    markedUnread: chat.unreadCount === -1,
    archived: chat.archive === true,
    pinned: (chat.pin ?? 0) > 0,
    muted: mutedUntil !== 0,
    ...(mutedUntil > 0 && { mutedUntil: dateOf(mutedUntil) }),
    lastMessageAt: chat.t ? dateOf(chat.t) : null,
  }
}
