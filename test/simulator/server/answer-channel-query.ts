import type { Queries, QueryName, WireChannel } from '../wire.ts'
import { type Channel, channelToWire, roleIn } from './channels.ts'
import { Refusal } from './group-office.ts'
import type { ServerParts } from './page-connection.ts'

type ChannelQueryName = Extract<QueryName, `channel.${string}`>

type ChannelAnswers = {
  [Name in ChannelQueryName]: (
    ask: Queries[Name]['ask'],
    by: string,
    parts: ServerParts,
  ) => Queries[Name]['answer']
}

const FOUND_AT_ONCE = 50

function channelOf(id: string, { channels }: ServerParts): Channel {
  const channel = channels.get(id)
  if (!channel) throw new Refusal(404, 'item-not-found')
  return channel
}

/** A channel in which a number is one of those. Throws 403 where it is not. */
function channelAs(roles: WireChannel['role'][], by: string, id: string, parts: ServerParts): Channel {
  const channel = channelOf(id, parts)
  if (!roles.includes(roleIn(channel, by))) throw new Refusal(403, 'forbidden')
  return channel
}

/** What a page asks about channels; `by` is the number of its account. */
export const channelAnswers: ChannelAnswers = {
  'channel.get': ({ id }, by, parts) => channelToWire(channelOf(id, parts), by, parts.profiles),
  'channel.byCode': ({ code }, by, { channels, profiles }) => {
    const channel = channels.all().find(({ inviteCode }) => inviteCode === code)
    if (!channel) throw new Refusal(404, 'item-not-found')
    return channelToWire(channel, by, profiles)
  },
  'channel.create': ({ name, description }, by, { channels, profiles }) =>
    channelToWire(channels.create(by, name, description), by, profiles),
  'channel.change': ({ id, change: { picture, ...change } }, by, parts) => {
    const channel = channelAs(['owner', 'admin'], by, id, parts)
    parts.channels.change(channel, change)
    if (picture !== undefined) parts.profiles.change(id, { picture: picture ?? undefined })
    return channelToWire(channel, by, parts.profiles)
  },
  'channel.delete': ({ id }, by, parts) => {
    parts.channels.delete(channelAs(['owner'], by, id, parts))
    return {}
  },
  'channel.subscribe': ({ id, subscribed }, by, parts) => {
    parts.channels.set(channelOf(id, parts), 'subscribers', by, subscribed)
    return {}
  },
  'channel.mute': ({ id, muted }, by, parts) => {
    parts.channels.set(channelOf(id, parts), 'mutedBy', by, muted)
    return {}
  },
  'channel.search': ({ text, cursor }, by, { channels, profiles }) => {
    const isFound = (channel: Channel) =>
      roleIn(channel, by) === 'guest' && channel.name.toLowerCase().includes(text.toLowerCase())
    const found = channels.all().filter(isFound)
    const start = Number(cursor)
    const end = start + FOUND_AT_ONCE
    return {
      channels: found.slice(start, end).map((channel) => channelToWire(channel, by, profiles)),
      next: end < found.length ? String(end) : null,
    }
  },
  'channel.posts': ({ id }, _by, parts) => ({ messages: parts.postOffice.posts(channelOf(id, parts).id) }),
  'channel.readers': ({ id, count }, by, parts) => {
    const channel = channelAs(['owner', 'admin'], by, id, parts)
    const { accounts, directory } = parts
    const readers = [...new Set([...channel.admins, ...channel.subscribers])].map((number) => ({
      who: directory.describe(number),
      name: accounts.get(number)?.pushName ?? '',
      role: roleIn(channel, number),
    }))
    return { readers: readers.slice(0, count) }
  },
  'channel.admin': ({ id, number, action }, by, parts) => {
    const { channels } = parts
    const channel = channelOf(id, parts)
    const isOwner = channel.owner === by
    if (action === 'accept') {
      if (!channel.adminInvites.includes(by)) throw new Refusal(404, 'item-not-found')
      channels.set(channel, 'adminInvites', by, false)
      channels.set(channel, 'admins', by, true)
    } else if (action === 'dismiss') {
      if (!isOwner && number !== by) throw new Refusal(403, 'forbidden')
      channels.set(channel, 'admins', number, false)
      channels.set(channel, 'subscribers', number, true)
    } else {
      if (!isOwner) throw new Refusal(403, 'forbidden')
      channels.set(channel, 'adminInvites', number, action === 'invite')
    }
    return {}
  },
  'channel.send': (message, by, parts) => {
    channelAs(['owner', 'admin'], by, message.id, parts)
    return parts.postOffice.inChannel(by, message)
  },
}
