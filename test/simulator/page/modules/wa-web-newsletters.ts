import { Channel, channels } from '../channel-collection.ts'
import { extrasOf } from '../message-row.ts'
import type { MsgModel } from '../msg-model.ts'
import { ServerStatusCodeError } from '../server-status-code-error.ts'
import { wireLink } from '../wire-link.ts'
import type { WAWebWid } from './wa-web-wid.ts'

/** The modules by which a person makes channels, finds them and writes in his own. */
export const WAWebNewsletterGatingUtils = {
  isNewsletterCreationEnabled: () => true,
  getMaxSubscriberNumber: () => 1_000,
}

interface NewChannel {
  name: string
  description?: string | null
  picture?: string | null
}

export const WAWebNewsletterCreateQueryJob = {
  async createNewsletterQuery({ name, description, picture }: NewChannel) {
    const channel = await wireLink.query('channel.create', { name, description: description ?? '' })
    if (picture) await wireLink.query('channel.change', { id: channel.id, change: { picture } })
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

export const WAWebNewsletterMetadataQueryJob = {
  async queryNewsletterMetadataByInviteCode(code: string, _role?: string): Promise<{ idJid: string }> {
    return { idJid: (await wireLink.query('channel.byCode', { code })).id }
  },
}

export const WAWebNewsletterDirectorySearchAction = {
  async fetchNewsletterDirectories({ searchText, cursorToken }: { searchText: string; cursorToken: string }) {
    const { channels: found, next } = await wireLink.query('channel.search', {
      text: searchText,
      cursor: cursorToken,
    })
    return {
      newsletters: found.map((channel) => new Channel(channel)),
      pageInfo: { endCursor: next ?? '', hasNextPage: next !== null },
    }
  },
}

/** Has its functions in a default export, where the library does not look for them. */
export const WAWebL10N = { default: { getRegion: () => 'DE' } }

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
