import type { OperationOutput } from '@wsg/shared/operations/operations.ts'
import type { Chat, PageGlobals, PageModules, Wid } from './page-globals.ts'
import type { PageAnswer, PageOperations } from './page-operation.ts'

interface ChatModules extends PageModules {
  WAWebCmd: {
    Cmd: PageModules['WAWebCmd']['Cmd'] & { archiveChat(chat: Chat, archive: boolean): Promise<unknown> }
  }
  WAWebUpdateUnreadChatAction: {
    sendSeen(what: { chat: Chat; threadId: undefined }): Promise<unknown>
  }
  WAWebChatStateBridge: {
    sendChatStateComposing(chatId: Wid): Promise<unknown>
    sendChatStateRecording(chatId: Wid): Promise<unknown>
    sendChatStatePaused(chatId: Wid): Promise<unknown>
  }
}

/** What `findChat` and `describeChat` use. */
const CHAT = [
  'WAWebCollections.Chat.get',
  'WAWebWidFactory.createWid',
  'WAWebApiContact.getCurrentLid',
  'WAWebApiContact.getPhoneNumber',
] as const

export const chats = {
  'chat.get': {
    needs: CHAT,
    run: ({ chatId }) => {
      const { findChat, describeChat } = (window as unknown as PageGlobals<ChatModules>).sessionGatewayKit
      const chat = findChat(chatId)
      return chat ? { output: describeChat(chat) } : { refused: 'chat_not_found' }
    },
  },

  'chat.seen': {
    needs: [
      ...CHAT,
      'WAWebUpdateUnreadChatAction.sendSeen',
      'WAWebStreamModel.Stream.markAvailable',
      'WAWebStreamModel.Stream.markUnavailable',
    ],
    run: async ({ chatId }) => {
      const page = window as unknown as PageGlobals<ChatModules>
      const { findChat, describeChat } = page.sessionGatewayKit
      const chat = findChat(chatId)
      if (!chat) return { refused: 'chat_not_found' }
      const { Stream } = page.require('WAWebStreamModel')
      const kit = page.sessionGatewayKit
      // Receipts leave only while the account shows itself available.
      kit.wantAvailable += 1
      if (!Stream.available) Stream.markAvailable()
      try {
        await page.require('WAWebUpdateUnreadChatAction').sendSeen({ chat, threadId: undefined })
      } finally {
        kit.wantAvailable -= 1
        if (kit.wantAvailable === 0) Stream.markUnavailable()
      }
      return { output: describeChat(chat) }
    },
  },

  'chat.typing': {
    needs: [
      ...CHAT,
      'WAWebChatStateBridge.sendChatStateComposing',
      'WAWebChatStateBridge.sendChatStateRecording',
      'WAWebChatStateBridge.sendChatStatePaused',
    ],
    run: async ({ chatId, state }) => {
      const page = window as unknown as PageGlobals<ChatModules>
      const chat = page.sessionGatewayKit.findChat(chatId)
      if (!chat) return { refused: 'chat_not_found' }
      const bridge = page.require('WAWebChatStateBridge')
      if (state === 'typing') await bridge.sendChatStateComposing(chat.id)
      else if (state === 'recording') await bridge.sendChatStateRecording(chat.id)
      else await bridge.sendChatStatePaused(chat.id)
      return { output: { id: chat.id._serialized, state } }
    },
  },

  'chat.archive': {
    needs: [...CHAT, 'WAWebCmd.Cmd.archiveChat'],
    run: ({ chatId }, deadline) =>
      (window as unknown as PageGlobals<ChatModules>).sessionGatewayKit.setArchived(chatId, true, deadline),
  },

  'chat.unarchive': {
    needs: [...CHAT, 'WAWebCmd.Cmd.archiveChat'],
    run: ({ chatId }, deadline) =>
      (window as unknown as PageGlobals<ChatModules>).sessionGatewayKit.setArchived(chatId, false, deadline),
  },
} satisfies PageOperations

/**
 * Runs in the page.
 * @param chatId a person's number in digits, or a chat id
 * @returns the chat, which WhatsApp may keep under the number or under the LID of a person
 */
export function findChat(chatId: string): Chat | undefined {
  const page = window as unknown as PageGlobals<ChatModules>
  const { Chat: chats } = page.require('WAWebCollections')
  const wid = page.require('WAWebWidFactory').createWid(chatId.includes('@') ? chatId : `${chatId}@c.us`)
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
  const other = (window as unknown as PageGlobals<ChatModules>).sessionGatewayKit.otherIdentityOf(id)
  const [number, lid] = id.isLid() ? [other, id] : [id, other]
  const dateOf = (seconds: number) => new Date(seconds * 1_000).toISOString()
  // 0 for none, -1 for good, else unix time in seconds.
  const mutedUntil = chat.mute?.expiration ?? 0
  return {
    id: id._serialized,
    ...(isPerson && number && { phone: number.user }),
    ...(isPerson && lid && { lid: lid._serialized }),
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

/** Runs in the page: archives a chat or takes it out of the archive, and waits until the chat says so. */
export async function setArchived(
  chatId: string,
  archived: boolean,
  deadline: number,
): Promise<PageAnswer<OperationOutput<'chat.get'>>> {
  const page = window as unknown as PageGlobals<ChatModules>
  const { findChat, describeChat } = page.sessionGatewayKit
  const chat = findChat(chatId)
  if (!chat) return { refused: 'chat_not_found' }
  const isDone = () => (chat.archive === true) === archived
  if (!isDone()) await page.require('WAWebCmd').Cmd.archiveChat(chat, archived)
  while (!isDone()) {
    if (Date.now() > deadline) return { refused: 'worker_timeout' }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return { output: describeChat(chat) }
}
