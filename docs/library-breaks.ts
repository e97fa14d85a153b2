import type { BuildName } from '../test/simulator/builds.ts'
import type { asOperation } from './library-surface.ts'

/** Since which build of the page the library itself fails at what an operation does, and with what. */
export interface LibraryBreak {
  since: BuildName
  /** What it throws, or does in place of that. */
  with: string
}

const keyText = 'no message has an id, so that the library finds none'
const lastMessage = 'DataError: it reads the last message by an id that it does not have'
const invitation = 'this.findImpl is not a function, where somebody can be invited only'
const country = 'getRegion is not a function'
const followers = 'unknown module "WAWebMexFetchNewsletterSubscribersJob"'

/**
 * What the stock library cannot do on the pages of today, which a function of ours does in its place. `test/simulator-walk`
 * calls the stock library for them.
 */
export const libraryBreaks: Partial<Record<keyof typeof asOperation, LibraryBreak>> = {
  'Contact.block': { since: 'legacy', with: 'getContactToBlockOnlyUseIfNoAssociatedChat is not a function' },
  'Contact.unblock': {
    since: 'legacy',
    with: 'getContactToBlockOnlyUseIfNoAssociatedChat is not a function',
  },
  'GroupChat.revokeInvite': { since: 'legacy', with: 'resetGroupInviteCode is not a function' },
  'Client.searchChannels': { since: 'legacy', with: country },
  'Client.getChannelByInviteCode': { since: 'legacy', with: 'getRoleByIdentifier is not a function' },
  'Client.demoteChannelAdmin': { since: 'legacy', with: 'demoteNewsletterAdmin is not a function' },
  'Channel.demoteChannelAdmin': { since: 'legacy', with: 'demoteNewsletterAdmin is not a function' },
  'Channel.getSubscribers': { since: '2026-07', with: followers },
  'Client.getChats': { since: '2026-07', with: lastMessage },
  'Client.getChatById': { since: '2026-07', with: lastMessage },
  'Contact.getChat': { since: '2026-07', with: lastMessage },
  'Message.getChat': { since: '2026-07', with: lastMessage },
  'Chat.fetchMessages': { since: '2026-07', with: keyText },
  'Client.createGroup': { since: '2026-07', with: invitation },
  'GroupChat.addParticipants': { since: '2026-07', with: invitation },
  'GroupChat.setDescription': {
    since: '2026-07',
    with: "Cannot read properties of undefined (reading 'toJid')",
  },
  'Client.acceptGroupV4Invite': { since: '2026-07', with: 'joinGroupViaInviteV4 is not a function' },
  'Message.acceptGroupV4Invite': { since: '2026-07', with: 'joinGroupViaInviteV4 is not a function' },
  'Call.reject': { since: '2026-07', with: 'a call is not told to the library, and rings on' },
  'Message.delete': { since: '2026-07', with: keyText },
  'Message.edit': { since: '2026-07', with: keyText },
  'Message.editScheduledEvent': { since: '2026-07', with: keyText },
  'Message.getInfo': { since: '2026-07', with: keyText },
  'Message.getReactions': { since: '2026-07', with: keyText },
  'Message.downloadMedia': { since: '2026-07', with: keyText },
  'Message.pin': { since: '2026-07', with: keyText },
  'Message.unpin': { since: '2026-07', with: keyText },
  'Message.star': { since: '2026-07', with: keyText },
  'Message.unstar': { since: '2026-07', with: keyText },
  'Message.react': { since: '2026-07', with: keyText },
  'Message.vote': { since: '2026-07', with: keyText },
}
