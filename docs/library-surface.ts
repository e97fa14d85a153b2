import type { EventName } from '../shared/src/events/events.ts'
import type { OperationName } from '../shared/src/operations/operations.ts'

/*
 * Every public method and event of whatsapp-web.js, by the class that has it, and what of this service does the same. A test
 * reads the installed library and fails while one of them is in none of these tables.
 */

/** What callers ask a session's worker for. */
export const asOperation = {
  'Client.acceptInvite': 'group.join',
  'Client.addOrRemoveLabels': 'chat.labels',
  'Client.approveGroupMembershipRequests': 'group.decide',
  'Client.archiveChat': 'chat.archive',
  'Client.createCallLink': 'call.link',
  'Client.createGroup': 'group.create',
  'Client.deleteAddressbookContact': 'contact.delete',
  'Client.getBlockedContacts': 'blocked.list',
  'Client.getChatById': 'chat.get',
  'Client.getChats': 'chat.list',
  'Client.getCommonGroups': 'contact.get',
  'Client.getContactById': 'contact.get',
  'Client.getContactLidAndPhone': 'lid.get',
  'Client.getContacts': 'contact.list',
  'Client.getGroupMembershipRequests': 'group.requests',
  'Client.getInviteInfo': 'group.invite-info',
  'Client.getLabelById': 'label.list',
  'Client.getLabels': 'label.list',
  'Client.getNumberId': 'number.check',
  'Client.getPollVotes': 'message.votes',
  'Client.getProfilePicUrl': 'contact.get',
  'Client.isRegisteredUser': 'number.check',
  'Client.markChatUnread': 'chat.mark-unread',
  'Client.muteChat': 'chat.mute',
  'Client.pinChat': 'chat.pin',
  'Client.rejectGroupMembershipRequests': 'group.decide',
  'Client.requestPairingCode': 'pairing.request',
  'Client.saveOrEditAddressbookContact': 'contact.save',
  'Client.searchMessages': 'message.search',
  'Client.sendPresenceAvailable': 'presence.set',
  'Client.sendPresenceUnavailable': 'presence.set',
  'Client.sendReaction': 'message.react',
  'Client.sendSeen': 'chat.seen',
  'Client.setDisplayName': 'profile.update',
  'Client.setStatus': 'profile.update',
  'Client.unarchiveChat': 'chat.unarchive',
  'Client.unmuteChat': 'chat.unmute',
  'Client.unpinChat': 'chat.unpin',
  'Call.reject': 'call.reject',
  'Channel.sendSeen': 'chat.seen',
  'Chat.archive': 'chat.archive',
  'Chat.changeLabels': 'chat.labels',
  'Chat.clearMessages': 'chat.clear',
  'Chat.clearState': 'chat.typing',
  'Chat.delete': 'chat.delete',
  'Chat.fetchMessages': 'chat.history',
  'Chat.getContact': 'contact.get',
  'Chat.markUnread': 'chat.mark-unread',
  'Chat.mute': 'chat.mute',
  'Chat.pin': 'chat.pin',
  'Chat.sendSeen': 'chat.seen',
  'Chat.sendStateRecording': 'chat.typing',
  'Chat.sendStateTyping': 'chat.typing',
  'Chat.unarchive': 'chat.unarchive',
  'Chat.unmute': 'chat.unmute',
  'Chat.unpin': 'chat.unpin',
  'Contact.block': 'contact.block',
  'Contact.getAbout': 'contact.get',
  'Contact.getChat': 'chat.get',
  'Contact.getCommonGroups': 'contact.get',
  'Contact.getProfilePicUrl': 'contact.get',
  'Contact.unblock': 'contact.unblock',
  'GroupChat.addParticipants': 'group.participants',
  'GroupChat.approveGroupMembershipRequests': 'group.decide',
  'GroupChat.demoteParticipants': 'group.participants',
  'GroupChat.getGroupMembershipRequests': 'group.requests',
  'GroupChat.getInviteCode': 'group.invite',
  'GroupChat.leave': 'group.leave',
  'GroupChat.promoteParticipants': 'group.participants',
  'GroupChat.rejectGroupMembershipRequests': 'group.decide',
  'GroupChat.removeParticipants': 'group.participants',
  'GroupChat.revokeInvite': 'group.revoke-invite',
  'GroupChat.setAddMembersAdminsOnly': 'group.update',
  'GroupChat.setDescription': 'group.update',
  'GroupChat.setInfoAdminsOnly': 'group.update',
  'GroupChat.setMessagesAdminsOnly': 'group.update',
  'GroupChat.setSubject': 'group.update',
  'Message.delete': 'message.revoke',
  'Message.downloadMedia': 'message.media',
  'Message.edit': 'message.edit',
  'Message.getChat': 'chat.get',
  'Message.getContact': 'contact.get',
  'Message.getInfo': 'message.receipts',
  'Message.getPollVotes': 'message.votes',
  'Message.getReactions': 'message.reactions',
  'Message.pin': 'message.pin',
  'Message.react': 'message.react',
  'Message.star': 'message.star',
  'Message.unpin': 'message.unpin',
  'Message.unstar': 'message.unstar',
  'Message.vote': 'message.vote',
} as const satisfies Record<string, OperationName>

/** What has a request of its own. */
export const asRequest = {
  'Client.destroy': 'POST /session/stop',
  'Client.getMessageById': 'GET /messages/:id',
  'Client.getState': 'GET /health',
  'Client.getWWebVersion': 'GET /status',
  'Client.initialize': 'POST /session/start',
  'Client.logout': 'DELETE /session',
  'Client.resetState': 'POST /session/restart',
  'Client.sendMessage': 'POST /send',
  'Channel.sendMessage': 'POST /send',
  'Chat.sendMessage': 'POST /send',
  'Message.reply': 'POST /send',
  'event qr': 'GET /qr',
  'event code': 'POST /pairing-code',
  'event loading_screen': 'GET /status',
} as const

/** What is told by an event. */
export const asEvent = {
  'event auth_failure': 'session.status',
  'event authenticated': 'session.status',
  'event change_state': 'session.status',
  'event disconnected': 'session.status',
  'event message': 'message',
  'event message_ack': 'message.ack',
  'event message_create': 'message.any',
  'event ready': 'session.status',
  'Message.getMentions': 'message',
  'Message.getQuotedMessage': 'message',
} as const satisfies Record<string, EventName>

const NOT_YET = 'Not offered yet.'
const CHANNELS = 'Channels are written to with `POST /send`; what else they have is not offered yet.'
const PHONE = 'A setting of WhatsApp Web for a person at the screen; nothing here rests on it.'
const DERIVED = 'Follows from what other answers have: the number, the id, or the list.'
const BUSINESS = 'Of a shop on WhatsApp; not offered yet.'

/** What is not offered, and why. */
export const notOffered: Readonly<Record<string, string>> = {
  ...all(CHANNELS, 'Client', [
    ...['acceptChannelAdminInvite', 'revokeChannelAdminInvite', 'demoteChannelAdmin', 'createChannel'],
    ...['deleteChannel', 'subscribeToChannel', 'unsubscribeFromChannel', 'searchChannels', 'getChannels'],
    ...['getChannelByInviteCode', 'sendChannelAdminInvite', 'transferChannelOwnership'],
  ]),
  ...all(CHANNELS, 'Channel', [
    ...['getSubscribers', 'setSubject', 'setDescription', 'setProfilePicture', 'setReactionSetting', 'mute'],
    ...['unmute', 'sendChannelAdminInvite', 'acceptChannelAdminInvite', 'revokeChannelAdminInvite'],
    ...['demoteChannelAdmin', 'fetchMessages', 'transferChannelOwnership', 'deleteChannel'],
  ]),
  ...all(PHONE, 'Client', [
    ...['setAutoDownloadAudio', 'setAutoDownloadDocuments', 'setAutoDownloadPhotos', 'setAutoDownloadVideos'],
    ...['setBackgroundSync', 'syncHistory'],
  ]),
  ...all(PHONE, 'Chat', ['syncHistory']),
  ...all(DERIVED, 'Client', ['getCountryCode', 'getFormattedNumber', 'getChatLabels', 'getChatsByLabelId']),
  ...all(DERIVED, 'Contact', ['getCountryCode', 'getFormattedNumber']),
  ...all(DERIVED, 'Chat', ['getLabels']),
  ...all(DERIVED, 'Label', ['getChats']),
  ...all(DERIVED, 'Message', ['reload', 'getGroupMentions']),
  ...all(DERIVED, 'GroupNotification', ['getChat', 'getContact', 'getRecipients', 'reply']),
  ...all(DERIVED, 'Broadcast', ['getChat', 'getContact']),
  ...all(BUSINESS, 'Message', ['getOrder', 'getPayment']),
  ...all(BUSINESS, 'Product', ['getData']),
  ...all(BUSINESS, 'Client', ['addOrEditCustomerNote', 'getCustomerNote']),
  ...all(BUSINESS, 'Chat', ['addOrEditCustomerNote', 'getCustomerNote']),
  ...all(NOT_YET, 'Client', [
    ...[
      'acceptGroupV4Invite',
      'getPinnedMessages',
      'getBroadcasts',
      'getBroadcastById',
      'revokeStatusMessage',
    ],
    ...['setProfilePicture', 'deleteProfilePicture', 'sendResponseToScheduledEvent', 'getContactDeviceCount'],
  ]),
  ...all(NOT_YET, 'Chat', ['getPinnedMessages']),
  ...all(NOT_YET, 'Contact', ['getBroadcast']),
  ...all(NOT_YET, 'GroupChat', ['setPicture', 'deletePicture']),
  ...all(NOT_YET, 'Message', ['acceptGroupV4Invite', 'forward', 'editScheduledEvent']),
  'Client.cancelPairingCode': 'A pairing code lapses by itself after three minutes.',
  'ClientInfo.getBatteryStatus': 'WhatsApp tells the battery of a phone no more.',
  'event change_battery': 'WhatsApp tells the battery of a phone no more.',
  'event media_uploaded': '`message.status` tells what becomes of a message, with its file.',
  'event remote_session_saved': 'The login stays in the profile of its session.',
  ...Object.fromEntries(
    [
      ...['group_join', 'group_leave', 'group_admin_changed', 'group_membership_request', 'group_update'],
      ...[
        'contact_changed',
        'message_edit',
        'unread_count',
        'message_ciphertext',
        'message_ciphertext_failed',
      ],
      ...[
        'message_revoke_everyone',
        'message_revoke_me',
        'message_reaction',
        'chat_removed',
        'chat_archived',
      ],
      ...['call', 'vote_update'],
    ].map((event) => [`event ${event}`, NOT_YET]),
  ),
}

function all(reason: string, owner: string, methods: readonly string[]): Record<string, string> {
  return Object.fromEntries(methods.map((method) => [`${owner}.${method}`, reason]))
}
