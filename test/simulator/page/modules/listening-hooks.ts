/** Modules into which whatsapp-web.js hooks itself when it attaches its listeners. */
export const WAWebSyncGatingUtils = {}

export const WAWebNonMessageDataRequestPlaceholderMessageResendUtils = {
  handlePlaceholderMsgsSeen: async (_msgs: object[], _force: boolean) => {},
}

export const WAWebBackendJobsCommon = { mediaTypeFromProtobuf: (_proto: object) => null }
export const WAWebE2EProtoUtils = { typeAttributeFromProtobuf: (_proto: object) => 'text' }
