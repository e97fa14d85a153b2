import type { OperationOutput } from '@wsg/shared/operations/operations.ts'
import type { Chat, PageGlobals, PageModules, Wid } from '../page-globals.ts'
import type { PageAnswer, PageOperations } from './page-operation.ts'
import { subjects } from './subjects.ts'

export type Role = OperationOutput<'channel.get'>['role']

interface Metadata {
  name?: string
  description?: string
  inviteCode?: string
  /** Unix time in seconds. */
  creationTime?: number
  membershipType?: Role
  /** How many read it. */
  size?: number
  verified?: boolean
  /** 0 all, 1 basic, 3 none. */
  reactionCodesSetting?: number
}

/** A channel, which the page keeps as a chat. */
export interface Channel extends Pick<Chat, 'id' | 'msgs' | 'mute'> {
  name?: string
  newsletterMetadata?: Metadata
}

interface ChannelMetadata {
  /** Asks the server. */
  update(id: Wid): Promise<unknown>
}

/** One function of the page for what is edited: which fields, and what they become. */
export type EditMetadata = (channel: Channel, fields: object, values: object) => Promise<unknown>

export interface ChannelModules extends Omit<PageModules, 'WAWebCollections'> {
  WAWebCollections: PageModules['WAWebCollections'] & {
    WAWebNewsletterCollection: {
      get(id: string): Channel | undefined
      find(id: Wid): Promise<Channel | undefined>
      getModelsArray(): Channel[]
    }
    /** Under the one name or the other. */
    NewsletterMetadataCollection?: ChannelMetadata
    WAWebNewsletterMetadataCollection?: ChannelMetadata
    ProfilePicThumb?: { get?(id: string): { eurl?: string | null } | undefined }
  }
  WAWebLoadNewsletterPreviewChatAction: { loadNewsletterPreviewChat(id: string): Promise<unknown> }
  WAWebNewsletterGatingUtils: { isNewsletterCreationEnabled(): boolean }
  WAWebNewsletterCreateQueryJob: {
    createNewsletterQuery(what: { name: string; description: string | null; picture: null }): Promise<{
      idJid: string
    }>
  }
  WAWebNewsletterDirectorySearchAction: {
    fetchNewsletterDirectories(how: object): Promise<{
      newsletters?: Channel[]
      pageInfo?: { endCursor?: string; hasNextPage?: boolean }
    }>
  }
  WAWebNewsletterMetadataQueryJob: {
    queryNewsletterMetadataByInviteCode(code: string, role: Role): Promise<{ idJid: string } | undefined>
  }
  WAWebEditNewsletterMetadataAction: { editNewsletterMetadataAction: EditMetadata }
  WAWebNewsletterDeleteAction: { deleteNewsletterAction(channel: Channel): Promise<unknown> }
  WAWebNewsletterSubscribeAction: {
    subscribeToNewsletterAction(channel: Channel, how: object): Promise<unknown>
  }
  WAWebNewsletterUnsubscribeAction: {
    unsubscribeFromNewsletterAction(channel: Channel, how: object): Promise<unknown>
  }
  WAWebNewsletterUpdateUserSettingJob: { updateNewsletterUserSetting(what: object): Promise<unknown> }
  WAWebNewsletterModelUtils: { ADMIN_NOTIFICATIONS: string; MUTED_STATE: number; UNMUTED_STATE: number }
}

const MUTE = [
  'WAWebNewsletterUpdateUserSettingJob.updateNewsletterUserSetting',
  'WAWebNewsletterModelUtils',
] as const

export const channels = {
  'channel.list': {
    needs: ['WAWebCollections.WAWebNewsletterCollection.getModelsArray'],
    run: (input, { page, kit }) => {
      const all = page.require('WAWebCollections').WAWebNewsletterCollection.getModelsArray()
      // Those that were only looked at are there as well.
      const found = all.filter(
        ({ newsletterMetadata: known }) => (known?.membershipType ?? 'guest') !== 'guest',
      )
      const { items, nextCursor } = kit.pageOf(found, input, ({ id }) => ({ rank: 0, id: id._serialized }))
      return { output: { items: items.map(kit.describeChannel), nextCursor } }
    },
  },

  'channel.search': {
    needs: ['WAWebNewsletterDirectorySearchAction.fetchNewsletterDirectories'],
    run: async ({ q, country, cursor = '' }, { page, kit }) => {
      const directory = page.require('WAWebNewsletterDirectorySearchAction')
      const { newsletters = [], pageInfo } = await directory.fetchNewsletterDirectories({
        ...{ searchText: q, countryCodes: country === undefined ? [] : [country] },
        ...{ skipSubscribedNewsletters: true, view: 'RECOMMENDED', categories: [] },
        cursorToken: cursor,
      })
      const nextCursor = (pageInfo?.hasNextPage && pageInfo.endCursor) || null
      return { output: { items: newsletters.map(kit.describeChannel), nextCursor } }
    },
  },

  'channel.by-invite': {
    needs: [...subjects.channel.needs, 'WAWebNewsletterMetadataQueryJob.queryNewsletterMetadataByInviteCode'],
    run: async ({ code }, { page, kit }) => {
      const job = page.require('WAWebNewsletterMetadataQueryJob')
      const found = await kit.ofValidInvite(job.queryNewsletterMetadataByInviteCode(code, 'guest'))
      const channel = found && (await kit.findChannel(found.idJid))
      return channel ? { output: kit.describeChannel(channel) } : { refused: 'invite_not_valid' }
    },
  },

  'channel.create': {
    needs: [
      ...subjects.channel.needs,
      'WAWebNewsletterGatingUtils.isNewsletterCreationEnabled',
      'WAWebNewsletterCreateQueryJob.createNewsletterQuery',
    ],
    run: async ({ name, description = null }, { page, kit }) => {
      if (!page.require('WAWebNewsletterGatingUtils').isNewsletterCreationEnabled())
        return { refused: 'not_supported', detail: 'WhatsApp does not let this account make channels.' }
      const job = page.require('WAWebNewsletterCreateQueryJob')
      const { idJid } = await job.createNewsletterQuery({ name, description, picture: null })
      return await kit.readBack(`The channel ${idJid} was made.`, async () => {
        const channel = await kit.findChannel(idJid)
        if (!channel) throw new Error('it is not there yet')
        return kit.describeChannel(channel)
      })
    },
  },

  'channel.get': {
    on: 'channel',
    needs: [],
    run: (_input, { channel, kit }) => ({ output: kit.describeChannel(channel) }),
  },

  'channel.update': {
    on: 'channel',
    needs: ['WAWebEditNewsletterMetadataAction.editNewsletterMetadataAction'],
    run: async ({ name, description, reactions }, { channel, page, kit }) => {
      const codes = { all: 0, basic: 1, none: 3 }
      const { role } = kit.describeChannel(channel)
      if (role !== 'owner' && role !== 'admin') return { refused: 'not_channel_admin' }
      await page.require('WAWebEditNewsletterMetadataAction').editNewsletterMetadataAction(
        channel,
        {
          ...(name !== undefined && { editName: true }),
          ...(description !== undefined && { editDescription: true }),
          ...(reactions !== undefined && { editReactionCodesSetting: true }),
        },
        {
          ...(name !== undefined && { name }),
          ...(description !== undefined && { description }),
          ...(reactions !== undefined && { reactionCodesSetting: codes[reactions] }),
        },
      )
      return await kit.readBackChannel('The channel was changed.', channel)
    },
  },

  'channel.delete': {
    on: 'channel',
    needs: ['WAWebNewsletterDeleteAction.deleteNewsletterAction'],
    run: async (_input, { channel, page, kit }) => {
      if (kit.describeChannel(channel).role !== 'owner') return { refused: 'not_channel_admin' }
      await page.require('WAWebNewsletterDeleteAction').deleteNewsletterAction(channel)
      return { output: { id: channel.id._serialized } }
    },
  },

  'channel.subscribe': {
    on: 'channel',
    needs: ['WAWebNewsletterSubscribeAction.subscribeToNewsletterAction'],
    run: async (_input, { channel, page, kit }) => {
      const surface = { eventSurface: 3 }
      if (kit.describeChannel(channel).role === 'guest')
        await page.require('WAWebNewsletterSubscribeAction').subscribeToNewsletterAction(channel, surface)
      return await kit.readBackChannel('The account reads the channel.', channel)
    },
  },

  'channel.unsubscribe': {
    on: 'channel',
    needs: ['WAWebNewsletterUnsubscribeAction.unsubscribeFromNewsletterAction'],
    run: async (_input, { channel, page, kit }) => {
      const { role } = kit.describeChannel(channel)
      if (role === 'owner') return { refused: 'whatsapp_refused', detail: 'The account made this channel.' }
      const action = page.require('WAWebNewsletterUnsubscribeAction')
      const how = { eventSurface: 3, deleteLocalModels: true }
      if (role !== 'guest') await action.unsubscribeFromNewsletterAction(channel, how)
      return { output: { ...kit.describeChannel(channel), role: 'guest', muted: false } }
    },
  },

  'channel.mute': {
    on: 'channel',
    needs: MUTE,
    run: (_input, { channel, kit }) => kit.muteChannel(channel, true),
  },

  'channel.unmute': {
    on: 'channel',
    needs: MUTE,
    run: (_input, { channel, kit }) => kit.muteChannel(channel, false),
  },

  'channel.messages': {
    on: 'channel',
    needs: ['WAWebChatLoadMessages.loadEarlierMsgs'],
    run: (input, { channel, kit, deadline }) => kit.historyOf(channel, input, deadline),
  },
} satisfies PageOperations<ChannelModules>

/**
 * Runs in the page: a channel, whether or not the account reads it, as the server has it now.
 * @returns undefined where there is none
 */
export async function findChannel(channelId: string): Promise<Channel | undefined> {
  const page = window as unknown as PageGlobals<ChannelModules>
  const collections = page.require('WAWebCollections')
  const { WAWebNewsletterCollection: known } = collections
  const metadata = collections.NewsletterMetadataCollection ?? collections.WAWebNewsletterMetadataCollection
  const wid = page.require('WAWebWidFactory').createWid(channelId)
  try {
    if (!known.get(channelId))
      await page.require('WAWebLoadNewsletterPreviewChatAction').loadNewsletterPreviewChat(channelId)
    const channel = known.get(channelId) ?? (await known.find(wid))
    if (channel) await metadata?.update(wid)
    return channel
  } catch (error) {
    if ([404, 406, 410].includes(Number((error as { status?: unknown }).status))) return undefined
    throw error
  }
}

/** Runs in the page: a channel as callers are told of it. */
export function describeChannel(channel: Channel): OperationOutput<'channel.get'> {
  const page = window as unknown as PageGlobals<ChannelModules>
  const { id, name: title = '', newsletterMetadata: known = {}, mute } = channel
  const picture = page.require('WAWebCollections').ProfilePicThumb?.get?.(id._serialized)?.eurl
  const { name = title, description, inviteCode, creationTime, size, membershipType, verified } = known
  const { reactionCodesSetting: code } = known
  const reactions = code === 0 ? 'all' : code === 1 ? 'basic' : code === 3 ? 'none' : null
  const role = membershipType ?? 'guest'
  return {
    id: id._serialized,
    name,
    description: description || null,
    inviteLink: inviteCode ? `https://whatsapp.com/channel/${inviteCode}` : null,
    createdAt: creationTime ? new Date(creationTime * 1_000).toISOString() : null,
    role,
    subscribers: size ?? null,
    picture: picture || null,
    verified: verified === true,
    // The page has it that all others are muted.
    muted: role !== 'guest' && (mute?.expiration ?? 0) !== 0,
    reactions,
  }
}

/** Runs in the page: reads a channel once more after something was done to it. @param done a sentence for the caller */
export async function readBackChannel(
  done: string,
  channel: Channel,
): Promise<PageAnswer<OperationOutput<'channel.get'>>> {
  const { describeChannel, findChannel, readBack } = (window as unknown as PageGlobals).sessionGatewayKit
  return await readBack(done, async () =>
    describeChannel((await findChannel(channel.id._serialized)) ?? channel),
  )
}

/** Runs in the page: mutes what a channel's admins write, or ends that. */
export async function muteChannel(
  channel: Channel,
  muted: boolean,
): Promise<PageAnswer<OperationOutput<'channel.mute'>>> {
  const page = window as unknown as PageGlobals<ChannelModules>
  const { describeChannel } = page.sessionGatewayKit
  const before = describeChannel(channel)
  if (before.role === 'guest') return { refused: 'whatsapp_refused', detail: 'The account does not read it.' }
  const { ADMIN_NOTIFICATIONS, MUTED_STATE, UNMUTED_STATE } = page.require('WAWebNewsletterModelUtils')
  await page.require('WAWebNewsletterUpdateUserSettingJob').updateNewsletterUserSetting({
    newsletterJid: channel.id._serialized,
    type: ADMIN_NOTIFICATIONS,
    muteExpirationValue: muted ? MUTED_STATE : UNMUTED_STATE,
  })
  // The page's own model of it changes later.
  return { output: { ...before, muted } }
}
