import { Emitter } from '../emitter.ts'

/** Modules into which whatsapp-web.js hooks itself when it attaches its listeners. */
export const WAWebSyncGatingUtils = {}

export const WAWebNonMessageDataRequestPlaceholderMessageResendUtils = {
  handlePlaceholderMsgsSeen: async (_msgs: object[], _force: boolean) => {},
}

class CallCollection extends Emitter {
  readonly _callMap = new Map<string, object>()
}

export const WAWebCallCollection = new CallCollection()

export const WAWebBackendJobsCommon = { mediaTypeFromProtobuf: (_proto: object) => null }
export const WAWebE2EProtoUtils = { typeAttributeFromProtobuf: (_proto: object) => 'text' }
