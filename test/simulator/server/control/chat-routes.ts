import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { ChatChange, FrameFromServer } from '../../wire.ts'
import { channelToWire } from '../channels.ts'
import { type ControlParts, digits, mustAccount, NotFound } from './control-parts.ts'

const callSchema = z.strictObject({ account: digits, from: digits, isVideo: z.boolean().default(false) })
const callChangeSchema = z.strictObject({ id: z.string().min(1), what: z.enum(['accepted', 'ended']) })
const presenceSchema = z.strictObject({
  account: digits,
  from: digits,
  type: z.enum(['available', 'unavailable', 'typing', 'recording_audio']),
})
const chatSchema = z.strictObject({
  account: digits,
  chat: z.string().regex(/^\d+(?:@(?:c\.us|lid|g\.us))?$/, 'a number or the id of a chat'),
  change: z.union([
    z.strictObject({ archived: z.boolean() }),
    z.strictObject({ unread: z.boolean() }),
    z.strictObject({ removed: z.literal(true) }),
  ]),
})
const postSchema = z.strictObject({ channel: z.string().min(1), body: z.string().min(1).max(65_536) })

/** Calls, presence, what the account's phone does with chats, and what is written in channels. Answered when the open pages have it. */
export function chatRoutes(app: FastifyInstance, parts: ControlParts): void {
  const { calls, channels, directory, pages, postOffice, profiles } = parts
  const tell = async (account: string, frame: FrameFromServer) => {
    await Promise.all(pages.ofAccount(account).map((page) => page.tell(frame)))
  }

  app.post('/calls', async (request) => {
    const { account, from, isVideo } = callSchema.parse(request.body)
    mustAccount(parts, account)
    const call = calls.ring(account, from, isVideo)
    const open = pages.ofAccount(account)
    for (const page of open) page.deliver({ t: 'call', call: { id: call.id, from, isVideo } })
    await Promise.all(open.map((page) => page.caughtUp()))
    return { call }
  })

  app.post('/calls/change', async (request) => {
    const { id, what } = callChangeSchema.parse(request.body)
    const call = calls.of(undefined).find((one) => one.id === id)
    if (!call) throw new NotFound(`there is no call ${id}`)
    await tell(call.account, { t: 'call.changed', id, what })
    return {}
  })

  app.post('/presence', async (request) => {
    const { account, from, type } = presenceSchema.parse(request.body)
    mustAccount(parts, account)
    await tell(account, { t: 'presence.of', who: directory.describe(from), type })
    return {}
  })

  app.post('/chats', async (request) => {
    const { account, chat, change } = chatSchema.parse(request.body)
    mustAccount(parts, account)
    const chatId = chat.includes('@') ? chat : `${chat}@c.us`
    await tell(account, { t: 'chat.changed', chatId, change: change satisfies ChatChange })
    return {}
  })

  app.post('/channels/post', async (request) => {
    const { channel: id, body } = postSchema.parse(request.body)
    const channel = channels.get(id)
    if (!channel) throw new NotFound(`there is no channel ${id}`)
    // A page that has not asked for it yet knows of it first.
    for (const number of channel.subscribers)
      await tell(number, { t: 'channel', channel: channelToWire(channel, number, profiles) })
    const message = postOffice.fromPhone({ from: channel.owner, to: id, body })
    await Promise.all(
      channel.subscribers.flatMap((number) => pages.ofAccount(number)).map((page) => page.caughtUp()),
    )
    return { message }
  })
}
