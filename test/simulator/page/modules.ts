import { build } from './build.ts'
import {
  WAWebDeleteContactAction,
  WAWebFindCommonGroupsContactAction,
  WAWebSaveContactAction,
} from './modules/address-book.ts'
import {
  WAWebChatGetters,
  WAWebGetEphemeralFieldsMsgActionsUtils,
  WAWebMsgActionCapability,
  WAWebMsgReply,
} from './modules/chat-getters.ts'
import {
  WAWebApiDeviceList,
  WAWebContactProfilePicThumbBridge,
  WAWebContactStatusBridge,
  WAWebSetPushnameConnAction,
} from './modules/contact-bridges.ts'
import { WAWebContactGetters, WAWebFrontendContactGetters } from './modules/contact-getters.ts'
import { WAWebJidToWid, WAWebWidToJid } from './modules/jids.ts'
import {
  WAWebBackendJobsCommon,
  WAWebE2EProtoUtils,
  WAWebNonMessageDataRequestPlaceholderMessageResendUtils,
  WAWebSyncGatingUtils,
} from './modules/listening-hooks.ts'
import { WAPhoneFindCC, WAWebPhoneUtils } from './modules/phone-numbers.ts'
import {
  WAWebChatStateBridge,
  WAWebPresenceChatAction,
  WAWebPresenceCollection,
  WAWebStreamModel,
} from './modules/presence.ts'
import {
  WABase64,
  WAWebAdvSignatureApi,
  WAWebCompanionRegClientUtils,
  WAWebMiscBrowserUtils,
  WAWebSignalStoreApi,
  WAWebUserPrefsInfoStore,
  WAWebUserPrefsMultiDevice,
} from './modules/registration.ts'
import {
  WAWebFrontendVcardUtils,
  WAWebVcardGetNameFromParsed,
  WAWebVcardParsingUtils,
} from './modules/vcards.ts'
import { WALinkify } from './modules/wa-linkify.ts'
import {
  WAWebGenerateEventCallLink,
  WAWebPinMsgConstants,
  WAWebPollsSendVoteMsgAction,
  WAWebSendEventEditMsgAction,
  WAWebSendEventResponseMsgAction,
  WAWebSendMessageEditAction,
  WAWebSendPinMessageAction,
  WAWebSendReactionMsgAction,
} from './modules/wa-web-add-on-actions.ts'
import {
  WAWebAddonPollVoteTableMode,
  WAWebAddonReactionTableMode,
  WAWebPinInChatSchema,
  WAWebPollsVotesSchema,
} from './modules/wa-web-addon-tables.ts'
import { WAWebAltDeviceLinkingApi } from './modules/wa-web-alt-device-linking-api.ts'
import { WAWebApiContact, WAWebLidMigrationUtils } from './modules/wa-web-api-contact.ts'
import { WAWebApiMessageInfoStore } from './modules/wa-web-api-message-info-store.ts'
import { WAWebBlockContactAction, WAWebBlockContactUtils } from './modules/wa-web-block-contact-action.ts'
import {
  WAWebBizGatingUtils,
  WAWebBizOrderBridge,
  WAWebBizProductCatalogBridge,
  WAWebNoteAction,
} from './modules/wa-web-business.ts'
import {
  WADeprecatedSendIq,
  WAWap,
  WAWebCallCollection,
  WAWebVoipStackInterface,
} from './modules/wa-web-call-collection.ts'
import { WAWebChatClearBridge, WAWebDeleteChatAction } from './modules/wa-web-chat-clear-bridge.ts'
import { WAWebChatForwardMessage } from './modules/wa-web-chat-forward-message.ts'
import { WAWebChatLoadMessages } from './modules/wa-web-chat-load-messages.ts'
import { WAWebCmd } from './modules/wa-web-cmd.ts'
import { WAWebCollections } from './modules/wa-web-collections.ts'
import { WAWebConnModel } from './modules/wa-web-conn-model.ts'
import { WAWebDBProcessEditProtocolMsgs, WAWebDBProcessRevokeMsgs } from './modules/wa-web-db-process-msgs.ts'
import { WAWebDownloadManager } from './modules/wa-web-download-manager.ts'
import { WAWebFindChatAction } from './modules/wa-web-find-chat-action.ts'
import {
  WASmaxGroupsAddParticipantsRPC,
  WASmaxGroupsMembershipRequestsActionRPC,
  WAWebApiMembershipApprovalRequestStore,
  WAWebChatSendMessages,
  WAWebExitGroupAction,
  WAWebGroupCreateJob,
  WAWebGroupInviteJob,
  WAWebGroupInviteV4Job,
  WAWebGroupInviteV4QueryJoinJob,
  WAWebGroupModifyInfoJob,
  WAWebGroupQueryJob,
  WAWebMexFetchGroupInviteCodeJob,
  WAWebModifyParticipantsGroupAction,
  WAWebSetPropertyGroupAction,
} from './modules/wa-web-group-jobs.ts'
import { WAWebImageUtils } from './modules/wa-web-image-utils.ts'
import { WAWebLaunchSocketUtils } from './modules/wa-web-launch-socket-utils.ts'
import { WAWebLinkDeviceEvents } from './modules/wa-web-link-device-events.ts'
import { WAWebLinkPreviewChatAction } from './modules/wa-web-link-preview-chat-action.ts'
import { WAWebMediaOpaqueData } from './modules/wa-web-media-opaque-data.ts'
import { WAWebMediaInMemoryBlobCache, WAWebMediaStorage } from './modules/wa-web-media-storage.ts'
import {
  WAMediaCalculateFilehash,
  WAWebMediaMmsV4Upload,
  WAWebStartMediaUploadQpl,
  WAWebUploadManager,
} from './modules/wa-web-media-upload.ts'
import { WAWebMediaDataUtils, WAWebMmsMediaTypes } from './modules/wa-web-mms-media-types.ts'
import { WAWebMsgKey } from './modules/wa-web-msg-key.ts'
import {
  WAJids,
  WAWebChangeNewsletterOwnerAction,
  WAWebDemoteNewsletterAdminAction,
  WAWebEditNewsletterMetadataAction,
  WAWebMexAcceptNewsletterAdminInviteJob,
  WAWebMexFetchNewsletterFollowersJob,
  WAWebMexFetchNewsletterSubscribersJob,
  WAWebMexRevokeNewsletterAdminInviteJob,
  WAWebNewsletterDeleteAction,
  WAWebNewsletterDemoteAdminJob,
  WAWebNewsletterModelUtils,
  WAWebNewsletterSendMsgAction,
  WAWebNewsletterSubscribeAction,
  WAWebNewsletterSubscriberListAction,
  WAWebNewsletterUnsubscribeAction,
  WAWebNewsletterUpdateUserSettingJob,
} from './modules/wa-web-newsletter-actions.ts'
import {
  WAWebL10N,
  WAWebLoadNewsletterPreviewChatAction,
  WAWebMsgDataFromModel,
  WAWebNewsletterCreateQueryJob,
  WAWebNewsletterDirectorySearchAction,
  WAWebNewsletterGatingUtils,
  WAWebNewsletterMetadataQueryJob,
  WAWebNewsletterSendMessageJob,
  WAWebNewsletterUpdateMsgsRecordsJob,
} from './modules/wa-web-newsletters.ts'
import {
  WAWebEventsWaitForOfflineDeliveryEnd,
  WAWebOfflineHandler,
} from './modules/wa-web-offline-handler.ts'
import { WAWebPrepRawMedia } from './modules/wa-web-prep-raw-media.ts'
import { WAWebQueryExistsJob } from './modules/wa-web-query-exists-job.ts'
import { WAWebQuotedMsgModelUtils } from './modules/wa-web-quoted-msg-model-utils.ts'
import { WAWebResendMsgAction } from './modules/wa-web-resend-msg-action.ts'
import { WAWebSendMsgChatAction } from './modules/wa-web-send-msg-chat-action.ts'
import {
  WAWebMediaUpdateMsg,
  WAWebSendStatusMsgAction,
  WAWebStatusGatingUtils,
  WAWebStatusMsgDataUtils,
} from './modules/wa-web-send-status-msg-action.ts'
import { WAWebSocketModel } from './modules/wa-web-socket-model.ts'
import { WAWebUpdateUnreadChatAction } from './modules/wa-web-update-unread-chat-action.ts'
import { WAWebUserPrefsMeUser } from './modules/wa-web-user-prefs-me-user.ts'
import { WAWebWid } from './modules/wa-web-wid.ts'
import { WAWebWidFactory } from './modules/wa-web-wid-factory.ts'

/** Every module that the page offers, under WhatsApp's own name for it. */
export const modules: Record<string, object> = {
  WABase64,
  WADeprecatedSendIq,
  WAJids,
  WALinkify,
  WAMediaCalculateFilehash,
  WAPhoneFindCC,
  WASmaxGroupsAddParticipantsRPC,
  WASmaxGroupsMembershipRequestsActionRPC,
  WAWap,
  WAWebAddonPollVoteTableMode,
  WAWebAddonReactionTableMode,
  WAWebAdvSignatureApi,
  WAWebAltDeviceLinkingApi,
  WAWebApiContact,
  WAWebApiDeviceList,
  WAWebApiMembershipApprovalRequestStore,
  WAWebApiMessageInfoStore,
  WAWebBackendJobsCommon,
  WAWebBizOrderBridge,
  WAWebBizProductCatalogBridge,
  WAWebBlockContactAction,
  WAWebBlockContactUtils,
  WAWebCallCollection,
  WAWebChangeNewsletterOwnerAction,
  WAWebChatClearBridge,
  WAWebChatForwardMessage,
  WAWebChatGetters,
  WAWebChatLoadMessages,
  WAWebChatSendMessages,
  WAWebChatStateBridge,
  WAWebCmd,
  WAWebCollections,
  WAWebCompanionRegClientUtils,
  WAWebConnModel,
  WAWebContactGetters,
  WAWebContactProfilePicThumbBridge,
  WAWebContactStatusBridge,
  WAWebDBProcessEditProtocolMsgs,
  WAWebDBProcessRevokeMsgs,
  WAWebDeleteChatAction,
  WAWebDeleteContactAction,
  WAWebDemoteNewsletterAdminAction,
  WAWebDownloadManager,
  WAWebE2EProtoUtils,
  WAWebEditNewsletterMetadataAction,
  WAWebEventsWaitForOfflineDeliveryEnd,
  WAWebExitGroupAction,
  WAWebFindChatAction,
  WAWebFindCommonGroupsContactAction,
  WAWebFrontendContactGetters,
  WAWebFrontendVcardUtils,
  WAWebGenerateEventCallLink,
  WAWebGetEphemeralFieldsMsgActionsUtils,
  WAWebGroupCreateJob,
  WAWebGroupInviteJob,
  WAWebGroupInviteV4Job,
  WAWebGroupModifyInfoJob,
  WAWebGroupQueryJob,
  WAWebImageUtils,
  WAWebJidToWid,
  WAWebL10N,
  WAWebLaunchSocketUtils,
  WAWebLidMigrationUtils,
  WAWebLinkDeviceEvents,
  WAWebLinkPreviewChatAction,
  WAWebLoadNewsletterPreviewChatAction,
  WAWebMediaDataUtils,
  WAWebMediaInMemoryBlobCache,
  WAWebMediaMmsV4Upload,
  WAWebMediaOpaqueData,
  WAWebMediaStorage,
  WAWebMediaUpdateMsg,
  WAWebMexAcceptNewsletterAdminInviteJob,
  WAWebMexFetchGroupInviteCodeJob,
  WAWebMexRevokeNewsletterAdminInviteJob,
  WAWebMiscBrowserUtils,
  WAWebMmsMediaTypes,
  WAWebModifyParticipantsGroupAction,
  WAWebMsgActionCapability,
  WAWebMsgDataFromModel,
  WAWebMsgKey,
  WAWebMsgReply,
  WAWebNewsletterCreateQueryJob,
  WAWebNewsletterDeleteAction,
  WAWebNewsletterDemoteAdminJob,
  WAWebNewsletterDirectorySearchAction,
  WAWebNewsletterGatingUtils,
  WAWebNewsletterMetadataQueryJob,
  WAWebNewsletterModelUtils,
  WAWebNewsletterSendMessageJob,
  WAWebNewsletterSendMsgAction,
  WAWebNewsletterSubscribeAction,
  WAWebNewsletterSubscriberListAction,
  WAWebNewsletterUnsubscribeAction,
  WAWebNewsletterUpdateMsgsRecordsJob,
  WAWebNewsletterUpdateUserSettingJob,
  WAWebNonMessageDataRequestPlaceholderMessageResendUtils,
  WAWebOfflineHandler,
  WAWebPhoneUtils,
  WAWebPinInChatSchema,
  WAWebPinMsgConstants,
  WAWebPollsSendVoteMsgAction,
  WAWebPollsVotesSchema,
  WAWebPrepRawMedia,
  WAWebPresenceChatAction,
  WAWebPresenceCollection,
  WAWebQueryExistsJob,
  WAWebQuotedMsgModelUtils,
  WAWebResendMsgAction,
  WAWebSaveContactAction,
  WAWebSendEventEditMsgAction,
  WAWebSendEventResponseMsgAction,
  WAWebSendMessageEditAction,
  WAWebSendMsgChatAction,
  WAWebSendPinMessageAction,
  WAWebSendReactionMsgAction,
  WAWebSendStatusMsgAction,
  WAWebSetPropertyGroupAction,
  WAWebSetPushnameConnAction,
  WAWebSignalStoreApi,
  WAWebSocketModel,
  WAWebStartMediaUploadQpl,
  WAWebStatusGatingUtils,
  WAWebStatusMsgDataUtils,
  WAWebStreamModel,
  WAWebSyncGatingUtils,
  WAWebUpdateUnreadChatAction,
  WAWebUploadManager,
  WAWebUserPrefsInfoStore,
  WAWebUserPrefsMeUser,
  WAWebUserPrefsMultiDevice,
  WAWebVcardGetNameFromParsed,
  WAWebVcardParsingUtils,
  WAWebVoipStackInterface,
  WAWebWid,
  WAWebWidFactory,
  WAWebWidToJid,
  ...(!build.has('notesTakeOneObject') && { WAWebBizGatingUtils, WAWebNoteAction }),
  ...(build.has('channelReadersAreFollowers')
    ? { WAWebMexFetchNewsletterFollowersJob }
    : { WAWebMexFetchNewsletterSubscribersJob }),
  ...(build.has('groupCallsTakeOneObject') && { WAWebGroupInviteV4QueryJoinJob }),
}
