import { SENDING } from '@wsg/shared/sessions/engine.ts'
import { pageListeners } from './listeners/page-listeners.ts'
import type { Binding } from './operations/page-operation.ts'
import { needsOf, type PageOperationName, pageOperations } from './operations/page-operations.ts'

/** What a binding has to be. An object may be a module, a model or a collection. */
export type BindingKind = 'function' | 'class' | 'object'

/** What is not a function. */
const otherKinds: Partial<Record<Binding, BindingKind>> = {
  WALinkify: 'object',
  WAWebLinkDeviceEvents: 'object',
  WAWebMsgKey: 'class',
  WAWebCallCollection: 'object',
  'WAWebCollections.Msg.modelClass': 'class',
  'WAWebConnModel.Conn': 'object',
  WAWebNewsletterModelUtils: 'object',
}

interface PageTask {
  needs: readonly Binding[]
  /** What becomes of a session whose page lacks some of it. */
  without: string
}

/** What the page does for a session beside operations, and what our functions and those of the library need for it. */
export const pageTasks = {
  login: {
    needs: [
      'WAWebSocketModel.Socket.on',
      'WAWebCmd.Cmd.on',
      'WAWebConnModel.Conn',
      'WAWebConnModel.Conn.serialize',
      'WAWebUserPrefsMeUser.getMaybeMePnUser',
    ],
    without: 'The session does not become `ready`; its reason is `page_unsupported`.',
  },
  'pairing by QR': {
    needs: [
      'WABase64.encodeB64',
      'WAWebConnModel.Conn.on',
      'WAWebSignalStoreApi.waSignalStore.getRegistrationInfo',
      'WAWebUserPrefsInfoStore.waNoiseInfo.get',
      'WAWebUserPrefsMultiDevice.getADVSecretKey',
    ],
    without: 'A session without a saved login fails; its reason is `page_unsupported`.',
  },
  'pairing by code': {
    needs: [
      'WAWebAltDeviceLinkingApi.setPairingType',
      'WAWebAltDeviceLinkingApi.initializeAltDeviceLinking',
      'WAWebAltDeviceLinkingApi.startAltLinkingFlow',
    ],
    without: 'A pairing code is refused with 501; the QR code works.',
  },
  'renewing an idle QR': {
    needs: ['WAWebLaunchSocketUtils.refreshQR'],
    without: 'The QR code is not renewed once WhatsApp Web has stopped showing new ones.',
  },
  ...pageListeners,
  'catching up': {
    needs: ['WAWebChatLoadMessages.loadEarlierMsgs', 'WAWebCollections.Msg.getMessagesById'],
    without: 'Of what came while the session was away, nothing may be an event; what comes from then on is.',
  },
  'progress of syncing': {
    needs: ['WAWebOfflineHandler.OfflineMessageHandler.getOfflineDeliveryProgress'],
    without: 'A long sync after a login is not seen to move on, and is given up after its limit.',
  },
  [SENDING]: {
    needs: [
      'WALinkify',
      'WAWebApiContact.getCurrentLid',
      'WAWebApiContact.getPhoneNumber',
      'WAWebChatGetters.getIsBroadcast',
      'WAWebChatGetters.getIsNewsletter',
      'WAWebCollections.Chat.get',
      'WAWebCollections.Chat.getModelsArray',
      'WAWebCollections.Msg.get',
      'WAWebCollections.Msg.getMessagesById',
      'WAWebCollections.Msg.getModelsArray',
      'WAWebCollections.Msg.on',
      'WAWebFindChatAction.findOrCreateLatestChat',
      'WAWebGetEphemeralFieldsMsgActionsUtils.getEphemeralFields',
      'WAWebMsgKey',
      'WAWebMsgKey.newId',
      'WAWebSendMsgChatAction.addAndSendMsgToChat',
      'WAWebUserPrefsMeUser.getMaybeMeLidUser',
      'WAWebUserPrefsMeUser.getMaybeMePnUser',
      'WAWebWidFactory.createWid',
    ],
    without: 'New messages are refused with 501; what was accepted before waits.',
  },
  'sending to a number': {
    needs: [
      'WAWebApiContact.getCurrentLid',
      'WAWebQueryExistsJob.queryWidExists',
      'WAWebWidFactory.createWid',
    ],
    without: 'A message to a number, and `GET /numbers/:phone`, are refused with 501; those to a chat id go.',
  },
  'sending to a group': {
    needs: ['WAWebWidFactory.asUserWidOrThrow'],
    without: 'A message to a group fails with `not_available_in_this_page`.',
  },
  'sending contacts by their ids': {
    needs: ['WAWebCollections.Contact.find', 'WAWebFrontendVcardUtils.vcardFromContactModel'],
    without: 'A contact by its `id` fails with `not_available_in_this_page`; others go.',
  },
  'links to calls': {
    needs: ['WAWebGenerateEventCallLink.createEventCallLink'],
    without: 'An event that is a call fails with `not_available_in_this_page`; others go.',
  },
  'writing in a channel': {
    needs: [
      'WAWebCollections.Msg.modelClass',
      'WAWebMsgDataFromModel.msgDataFromMsgModel',
      'WAWebNewsletterSendMessageJob.sendNewsletterMessageJob',
      'WAWebNewsletterUpdateMsgsRecordsJob.addNewsletterMsgsRecords',
      'WAWebNewsletterUpdateMsgsRecordsJob.updateNewsletterMsgRecord',
    ],
    without: 'A message to a channel fails with `not_available_in_this_page`.',
  },
  'posting a status': {
    needs: [
      'WAWebSendStatusMsgAction.sendStatusMediaMsgAction',
      'WAWebSendStatusMsgAction.sendStatusTextMsgAction',
      'WAWebStatusMsgDataUtils.createTextStatusMsgData',
    ],
    without: 'A status fails with `not_available_in_this_page`.',
  },
  replying: {
    needs: ['WAWebMsgReply.canReplyMsg'],
    without: 'A reply fails with `not_available_in_this_page`; other messages go.',
  },
  'sending files': {
    needs: [
      'WAWebMediaDataUtils.shouldUseMediaCache',
      'WAWebMediaMmsV4Upload.uploadMedia',
      'WAWebMediaOpaqueData.createFromData',
      'WAWebMediaStorage.getOrCreateMediaObject',
      'WAWebMmsMediaTypes.msgToMediaType',
      'WAWebPrepRawMedia.prepRawMedia',
    ],
    without: 'A message with a file fails with `not_available_in_this_page`; other messages go.',
  },
  'sending stickers': {
    needs: ['WAWebImageUtils.toWebpSticker', 'WAWebUploadManager.encryptAndUpload'],
    without: 'A sticker fails with `not_available_in_this_page`; other messages go.',
  },
  'fetching files': {
    needs: ['WAWebDownloadManager.downloadManager.downloadAndMaybeDecrypt'],
    without: 'The file of a message is refused with 501, unless it was sent or fetched by this service.',
  },
  'link previews': {
    needs: ['WALinkify.findLink', 'WAWebLinkPreviewChatAction.getLinkPreview'],
    without: 'A text goes without its preview.',
  },
  'typing indicator': {
    needs: ['WAWebChatStateBridge.sendChatStateComposing', 'WAWebChatStateBridge.sendChatStatePaused'],
    without: 'A message goes without the indicator before it.',
  },
  'sending again after a crash': {
    needs: ['WAWebResendMsgAction.resendMsg'],
    without: 'A message that was being sent at a crash is `unknown`, also with `RESEND_AFTER_CRASH=same-id`.',
  },
  'being told of a passkey': {
    needs: ['WAWebLinkDeviceEvents'],
    without: 'Where WhatsApp asks for a passkey the QR code runs out without that being said.',
  },
  'staying unavailable': {
    needs: ['WAWebStreamModel.Stream.markUnavailable', 'WAWebStreamModel.Stream.on'],
    without: 'Where WhatsApp Web shows the account as online by itself, it stays so.',
  },
  'logging out': {
    needs: ['WAWebSocketModel.Socket.logout'],
    without:
      '`POST /session/logout` is not confirmed, and a deleted session stays listed on the phone until that notices.',
  },
} as const satisfies Record<string, PageTask>
export type PageTaskName = keyof typeof pageTasks

/**
 * What WhatsApp Web loads when it is asked for it, so that it is not missed before. Without it a message is not forwarded, which fails
 * with `not_available_in_this_page`.
 */
export const lazyBindings: readonly Binding[] = ['WAWebChatForwardMessage.forwardMessages']

/** Everything else that is used of the page, with what it has to be and what needs it: tasks and operations. */
export const bindings: ReadonlyMap<Binding, { kind: BindingKind; concerns: string[] }> = collect()

function collect(): Map<Binding, { kind: BindingKind; concerns: string[] }> {
  const found = new Map<Binding, { kind: BindingKind; concerns: string[] }>()
  const users = [
    ...Object.entries(pageTasks).map(([task, { needs }]) => [task, needs] as const),
    ...Object.keys(pageOperations).map((name) => [name, needsOf(name as PageOperationName)] as const),
  ]
  for (const [user, needs] of users)
    for (const name of needs) {
      const binding = found.get(name) ?? { kind: otherKinds[name] ?? 'function', concerns: [] }
      binding.concerns.push(user)
      found.set(name, binding)
    }
  return found
}
