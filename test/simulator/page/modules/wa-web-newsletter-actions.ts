import type { ChannelChange, Queries } from '../../wire.ts'
import { type Channel, channels } from '../channel-collection.ts'
import type { ChatModel } from '../chat-model.ts'
import type { ContactModel } from '../contact-collection.ts'
import { numberBook } from '../number-book.ts'
import { wireLink } from '../wire-link.ts'
import { WAWebMsgKey } from './wa-web-msg-key.ts'
import { WAWebSendMsgChatAction } from './wa-web-send-msg-chat-action.ts'
import { WAWebUserPrefsMeUser } from './wa-web-user-prefs-me-user.ts'
import type { WAWebWid } from './wa-web-wid.ts'
import { WAWebWidFactory } from './wa-web-wid-factory.ts'

/** The modules by which a person reads channels, changes his own and chooses who else writes there. */

export const WAWebNewsletterSubscribeAction = {
  async subscribeToNewsletterAction({ id }: Channel, _how: object): Promise<void> {
    await wireLink.query('channel.subscribe', { id: id.toString(), subscribed: true })
    await channels.find(id)
  },
}

export const WAWebNewsletterUnsubscribeAction = {
  async unsubscribeFromNewsletterAction(
    channel: Channel,
    { deleteLocalModels = false }: { deleteLocalModels?: boolean },
  ): Promise<void> {
    await wireLink.query('channel.subscribe', { id: channel.id.toString(), subscribed: false })
    if (deleteLocalModels) channels.remove(channel)
    else await channels.find(channel.id)
  },
}

const MUTED_STATE = -1
export const WAWebNewsletterModelUtils = {
  ...{ ADMIN_NOTIFICATIONS: 'admin', FOLLOWER_NOTIFICATIONS: 'follower' },
  ...{ MUTED_STATE, UNMUTED_STATE: 0 },
}

export const WAJids = { toNewsletterJid: (id: string) => id }

export const WAWebNewsletterUpdateUserSettingJob = {
  /** The model of the channel hears of it with its metadata. */
  async updateNewsletterUserSetting(what: {
    newsletterJid: string
    muteExpirationValue: number
  }): Promise<void> {
    const muted = what.muteExpirationValue === MUTED_STATE
    await wireLink.query('channel.mute', { id: what.newsletterJid, muted })
  },
}

export const WAWebEditNewsletterMetadataAction = {
  /** What is to be edited, and what it becomes. */
  async editNewsletterMetadataAction(
    { id }: Channel,
    what: Record<string, boolean>,
    values: Omit<ChannelChange, 'reactions'> & { reactionCodesSetting?: number },
  ): Promise<void> {
    const { name, description, picture, reactionCodesSetting } = values
    const change: ChannelChange = {
      ...(what.editName && name !== undefined && { name }),
      ...(what.editDescription && description !== undefined && { description }),
      ...(what.editPicture && { picture: picture ?? null }),
      ...(what.editReactionCodesSetting && { reactions: reactionCodesSetting ?? 0 }),
    }
    channels.take(await wireLink.query('channel.change', { id: id.toString(), change }))
  },
}

export const WAWebNewsletterDeleteAction = {
  async deleteNewsletterAction(channel: Channel): Promise<void> {
    await wireLink.query('channel.delete', { id: channel.id.toString() })
    channels.remove(channel)
  },
}

async function readersOf(id: string, count: number) {
  const { readers } = await wireLink.query('channel.readers', { id, count })
  return readers.map(({ who, name, role }) => {
    numberBook.learn(who)
    return {
      id: WAWebWidFactory.createWid(`${who.lid}@lid`),
      phoneNumber: WAWebWidFactory.createWid(`${who.number}@c.us`),
      ...{ displayName: name, role },
    }
  })
}

/** Until July. */
export const WAWebMexFetchNewsletterSubscribersJob = {
  mexFetchNewsletterSubscribers: async (id: string, count: number) => ({
    subscribers: await readersOf(id, count),
  }),
}
export const WAWebMexFetchNewsletterFollowersJob = {
  mexFetchNewsletterFollowers: async (id: string, count: number) => ({
    followers: await readersOf(id, count),
  }),
}
export const WAWebNewsletterSubscriberListAction = {
  getSubscribersInContacts: (_subscribers: object[]): object[] => [],
}

const about = async (
  action: Queries['channel.admin']['ask']['action'],
  id: string | WAWebWid,
  person: WAWebWid,
): Promise<void> => {
  const { user: number } = numberBook.phoneOf(person) ?? person
  await wireLink.query('channel.admin', { id: String(id), number, action })
}

export const WAWebMexAcceptNewsletterAdminInviteJob = {
  async acceptNewsletterAdminInvite(id: string): Promise<void> {
    const me = WAWebUserPrefsMeUser.getMaybeMePnUser()
    if (me) await about('accept', id, me)
  },
}
export const WAWebMexRevokeNewsletterAdminInviteJob = {
  revokeNewsletterAdminInvite: (id: string, person: WAWebWid) => about('revoke', id, person),
}

export const WAWebNewsletterDemoteAdminJob = {
  demoteNewsletterAdmin: (id: string, person: WAWebWid) => about('dismiss', id, person),
}
export const WAWebDemoteNewsletterAdminAction = {
  /** Refuses by itself what the server would. */
  async demoteNewsletterAdminAction(channel: Channel, { id: person }: ContactModel): Promise<void> {
    const { newsletterMetadata: metadata } = channel
    const isMe = WAWebUserPrefsMeUser.isMeAccount(person)
    if (!isMe && !metadata.iAmOwner()) throw new Error('non-channel-owner-dismissing-other-admins')
    if (isMe && !metadata.iAmAdmin()) throw new Error('non-channel-admins-dismissing-themselves')
    await about('dismiss', channel.id, person)
    await channels.find(channel.id)
  },
}
export const WAWebChangeNewsletterOwnerAction = {
  async changeNewsletterOwnerAction(_channel: Channel, _person: ContactModel): Promise<void> {
    throw new Error('the page does not hand over channels')
  },
}

interface AdminInvitation {
  newsletterWid: WAWebWid
  invitee: WAWebWid
  inviteMessage?: string
  base64Thumb?: string
}

export const WAWebNewsletterSendMsgAction = {
  async sendNewsletterAdminInviteMessage(chat: ChatModel, what: AdminInvitation) {
    try {
      await about('invite', what.newsletterWid, what.invitee)
      const to = chat.id
      const from = WAWebUserPrefsMeUser.getMaybeMePnUser() ?? to
      const message = {
        id: new WAWebMsgKey({ from, to, id: await WAWebMsgKey.newId(), selfDir: 'out' }),
        ...{ from, to, body: '', ack: 0, local: true, self: 'out' as const, isNewMsg: true },
        ...{ t: Math.floor(Date.now() / 1000), type: 'newsletter_admin_invite' },
        newsletterAdminInviteInfo: {
          newsletterId: what.newsletterWid,
          newsletterName: channels.get(what.newsletterWid)?.newsletterMetadata.serialize().name,
          inviteMessage: what.inviteMessage,
        },
      }
      return await WAWebSendMsgChatAction.addAndSendMsgToChat(chat, message)[1]
    } catch {
      return { messageSendResult: 'ERROR_UNKNOWN' }
    }
  },
}
