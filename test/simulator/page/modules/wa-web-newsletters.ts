import { channels } from '../channel-collection.ts'
import { extrasOf } from '../message-row.ts'
import type { MsgModel } from '../msg-model.ts'
import { ServerStatusCodeError } from '../server-status-code-error.ts'
import { wireLink } from '../wire-link.ts'
import type { WAWebWid } from './wa-web-wid.ts'

/** The modules by which a person makes channels, reads them and writes in his own. */
export const WAWebNewsletterGatingUtils = { isNewsletterCreationEnabled: () => true }

export const WAWebNewsletterCreateQueryJob = {
  async createNewsletterQuery({ name, description }: { name: string; description?: string | null }) {
    const channel = await wireLink.query('channel.create', { name, description: description ?? '' })
    channels.take(channel)
    return {
      idJid: channel.id,
      newsletterInviteLinkMetadataMixin: { inviteCode: channel.inviteCode },
      newsletterCreationTimeMetadataMixin: { creationTimeValue: channel.creation },
    }
  },
}

export const WAWebLoadNewsletterPreviewChatAction = {
  loadNewsletterPreviewChat: (id: string | WAWebWid) => channels.find(id),
}

const subscribe =
  (subscribed: boolean) =>
  async ({ id }: { id: WAWebWid }, _how: object): Promise<void> => {
    await wireLink.query('channel.subscribe', { id: id.toString(), subscribed })
    await channels.find(id)
  }

export const WAWebNewsletterSubscribeAction = { subscribeToNewsletterAction: subscribe(true) }
export const WAWebNewsletterUnsubscribeAction = { unsubscribeFromNewsletterAction: subscribe(false) }

export const WAWebMsgDataFromModel = { msgDataFromMsgModel: (msg: MsgModel) => msg.serialize() }

/** The table of what was written in channels. Nobody reads it here. */
export const WAWebNewsletterUpdateMsgsRecordsJob = {
  addNewsletterMsgsRecords: async (_messages: object[]): Promise<void> => {},
  updateNewsletterMsgRecord: async (_msg: MsgModel): Promise<void> => {},
}

export const WAWebNewsletterSendMessageJob = {
  async sendNewsletterMessageJob({ msg, newsletterJid: id }: { msg: MsgModel; newsletterJid: string }) {
    const { body, type } = msg
    const message = { id, messageId: msg.id.id, body, type, extras: extrasOf(msg) }
    try {
      const { t, serverId } = await wireLink.query('channel.send', message)
      return { success: true, ack: { t }, serverId }
    } catch (error) {
      if (!(error instanceof ServerStatusCodeError)) throw error
      return { success: false, ack: { error: String(error.status) } }
    }
  },
}
