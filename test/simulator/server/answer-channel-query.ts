import type { Queries, QueryName } from '../wire.ts'
import { channelToWire } from './channels.ts'
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

function channelOf(id: string, { channels }: ServerParts) {
  const channel = channels.get(id)
  if (!channel) throw new Refusal(404, 'item-not-found')
  return channel
}

/** What a page asks about channels; `by` is the number of its account. */
export const channelAnswers: ChannelAnswers = {
  'channel.get': ({ id }, by, parts) => channelToWire(channelOf(id, parts), by),
  'channel.create': ({ name, description }, by, { channels }) =>
    channelToWire(channels.create(by, name, description), by),
  'channel.subscribe': ({ id, subscribed }, by, parts) => {
    parts.channels.setSubscribed(channelOf(id, parts), by, subscribed)
    return {}
  },
  'channel.send': (message, by, parts) => {
    const { owner } = channelOf(message.id, parts)
    if (owner !== by) throw new Refusal(403, 'forbidden')
    return parts.postOffice.inChannel(by, message)
  },
}
