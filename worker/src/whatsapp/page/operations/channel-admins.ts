import type { Chat, Wid } from '../page-globals.ts'
import type { Channel, ChannelModules, Role } from './channels.ts'
import type { PageOperations } from './page-operation.ts'
import type { Contact } from './people.ts'
import { subjects } from './subjects.ts'

interface Subscriber {
  id: Wid
  phoneNumber?: Wid
  displayName?: string
  role?: Role
}

interface AdminModules extends ChannelModules {
  WAWebMexFetchNewsletterFollowersJob: {
    mexFetchNewsletterFollowers(id: string, count: number): Promise<{ followers: Subscriber[] } | null>
  }
  /** Its name until the summer of 2026. */
  WAWebMexFetchNewsletterSubscribersJob: {
    mexFetchNewsletterSubscribers(id: string, count: number): Promise<{ subscribers: Subscriber[] } | null>
  }
  WAWebNewsletterSendMsgAction: {
    sendNewsletterAdminInviteMessage(chat: Chat, what: object): Promise<unknown>
  }
  WAWebMexRevokeNewsletterAdminInviteJob: {
    revokeNewsletterAdminInvite(id: string, person: Wid): Promise<unknown>
  }
  WAWebMexAcceptNewsletterAdminInviteJob: { acceptNewsletterAdminInvite(id: string): Promise<unknown> }
  WAWebDemoteNewsletterAdminAction: {
    demoteNewsletterAdminAction(channel: Channel, person: Contact): Promise<unknown>
  }
}

/** Who reads a channel, and who writes in it beside its owner. */
export const channelAdmins = {
  'channel.subscribers': {
    on: 'channel',
    needs: [
      'WAWebMexFetchNewsletterFollowersJob.mexFetchNewsletterFollowers or WAWebMexFetchNewsletterSubscribersJob.mexFetchNewsletterSubscribers',
      'WAWebApiContact.getCurrentLid',
      'WAWebApiContact.getPhoneNumber',
    ],
    run: async ({ limit }, { channel, page, kit }) => {
      const { role } = kit.describeChannel(channel)
      if (role !== 'owner' && role !== 'admin') return { refused: 'not_channel_admin' }
      const id = channel.id._serialized
      const current = 'WAWebMexFetchNewsletterFollowersJob'
      const former = 'WAWebMexFetchNewsletterSubscribersJob'
      const isCurrent = kit.missingBindings([`${current}.mexFetchNewsletterFollowers`]).length === 0
      const found = isCurrent
        ? (await page.require(current).mexFetchNewsletterFollowers(id, limit))?.followers
        : (await page.require(former).mexFetchNewsletterSubscribers(id, limit))?.subscribers
      const items = (found ?? []).map(({ id, phoneNumber, displayName, role = 'subscriber' }) => ({
        ...kit.describePerson(id),
        ...(phoneNumber && { phone: phoneNumber.user }),
        ...{ name: displayName || null, role },
      }))
      return { output: { items } }
    },
  },

  'channel.invite-admin': {
    on: 'contact',
    needs: [
      ...subjects.channel.needs,
      'WAWebFindChatAction.findOrCreateLatestChat',
      'WAWebNewsletterSendMsgAction.sendNewsletterAdminInviteMessage',
    ],
    run: async ({ channelId, text }, { contact, page, kit, deadline }) => {
      const channel = await kit.findChannel(channelId)
      if (!channel) return { refused: 'chat_not_found' }
      if (kit.describeChannel(channel).role !== 'owner') return { refused: 'not_channel_admin' }
      const { chat } = await page.require('WAWebFindChatAction').findOrCreateLatestChat(contact.id)
      const invitation = { newsletterWid: channel.id, invitee: contact.id, inviteMessage: text }
      const action = page.require('WAWebNewsletterSendMsgAction')
      return await kit.confirmed(
        { act: () => action.sendNewsletterAdminInviteMessage(chat, invitation), deadline },
        () => kit.describePerson(contact.id),
      )
    },
  },

  'channel.revoke-admin-invite': {
    on: 'contact',
    needs: [...subjects.channel.needs, 'WAWebMexRevokeNewsletterAdminInviteJob.revokeNewsletterAdminInvite'],
    run: async ({ channelId }, { contact, page, kit }) => {
      const channel = await kit.findChannel(channelId)
      if (!channel) return { refused: 'chat_not_found' }
      if (kit.describeChannel(channel).role !== 'owner') return { refused: 'not_channel_admin' }
      const job = page.require('WAWebMexRevokeNewsletterAdminInviteJob')
      await job.revokeNewsletterAdminInvite(channelId, contact.id)
      return { output: kit.describePerson(contact.id) }
    },
  },

  'channel.accept-admin-invite': {
    on: 'channel',
    needs: ['WAWebMexAcceptNewsletterAdminInviteJob.acceptNewsletterAdminInvite'],
    run: async (_input, { channel, page, kit }) => {
      const id = channel.id._serialized
      await page.require('WAWebMexAcceptNewsletterAdminInviteJob').acceptNewsletterAdminInvite(id)
      return await kit.readBackChannel('The account is an admin of the channel.', channel)
    },
  },

  'channel.dismiss-admin': {
    on: 'contact',
    needs: [...subjects.channel.needs, 'WAWebDemoteNewsletterAdminAction.demoteNewsletterAdminAction'],
    run: async ({ channelId }, { contact, page, kit }) => {
      const channel = await kit.findChannel(channelId)
      if (!channel) return { refused: 'chat_not_found' }
      const { role } = kit.describeChannel(channel)
      if (kit.isMe(contact.id) ? role !== 'admin' : role !== 'owner') return { refused: 'not_channel_admin' }
      await page.require('WAWebDemoteNewsletterAdminAction').demoteNewsletterAdminAction(channel, contact)
      return { output: kit.describePerson(contact.id) }
    },
  },
} satisfies PageOperations<AdminModules>
