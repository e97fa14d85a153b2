import type { MsgModel } from '../msg-model.ts'
import { sendAddOn } from '../send-add-on.ts'

/** What a person does to a message: each action in a module of its own. */
export const WAWebSendReactionMsgAction = {
  sendReactionToMsg: (msg: MsgModel, reactionText: string) => sendAddOn('reaction', msg, { reactionText }),
}

export const WAWebSendMessageEditAction = {
  sendMessageEdit: (msg: MsgModel, text: string, more: object) =>
    sendAddOn('message_edit', msg, { text, extras: JSON.parse(JSON.stringify(more)) }),
}

export const WAWebPinMsgConstants = { getPinExpiryDuration: (option: number) => option }

export const WAWebSendPinMessageAction = {
  sendPinInChatMsg: (msg: MsgModel, pinType: number, duration: number) =>
    sendAddOn('pin_in_chat', msg, {
      pinType,
      pinExpiryDuration: WAWebPinMsgConstants.getPinExpiryDuration(duration),
    }),
}

export const WAWebPollsSendVoteMsgAction = {
  sendVote: (msg: MsgModel, localIds: Set<number>) =>
    sendAddOn('poll_update', msg, { selectedOptionLocalIds: [...localIds] }),
}

export const WAWebSendEventResponseMsgAction = {
  sendEventResponseMsg: (eventResponse: number, msg: MsgModel) =>
    sendAddOn('event_response', msg, { eventResponse }),
}

interface EventOptions {
  name: string
  description?: string
  /** Unix time in seconds. */
  startTime: number
  endTime?: number | null
  location?: string
  callType?: 'video' | 'voice' | 'none'
  isEventCanceled?: boolean
}

export const WAWebGenerateEventCallLink = {
  createEventCallLink: async (startTime: number, callType: 'video' | 'voice') =>
    `https://call.whatsapp.com/${callType}/${startTime.toString(36)}`,
}

export const WAWebSendEventEditMsgAction = {
  async sendEventEditMessage(options: EventOptions, msg: MsgModel): Promise<unknown> {
    const { name, description, startTime, endTime, location, callType = 'none', isEventCanceled } = options
    return sendAddOn('event_edit', msg, {
      event: {
        eventName: name,
        eventDescription: description,
        eventStartTime: startTime,
        eventEndTime: endTime,
        ...(location !== undefined && {
          eventLocation: { degreesLatitude: 0, degreesLongitude: 0, name: location },
        }),
        eventJoinLink:
          callType === 'none'
            ? null
            : await WAWebGenerateEventCallLink.createEventCallLink(startTime, callType),
        isEventCanceled,
      },
    })
  },
}
