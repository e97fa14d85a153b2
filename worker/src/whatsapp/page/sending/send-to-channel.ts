import type { HandOver, Msg, PageGlobals, PageModules, SendResult, Wid } from '../page-globals.ts'
import type { PageMessage, PageSendOutcome } from './send-message.ts'

interface ChannelMsg extends Msg {
  t: number
  serverId?: number
  updateAck(ack: number, isOfChannel: true): void
}

interface Channel {
  id: Wid & { toJid(): string }
  t: number
  msgs: { add(message: ChannelMsg): unknown }
  newsletterMetadata?: { membershipType?: string }
}

interface ChannelMetadata {
  update(id: Wid): Promise<unknown>
}

interface ChannelModules extends Omit<PageModules, 'WAWebCollections'> {
  WAWebCollections: {
    Msg: { modelClass: new (fields: object) => ChannelMsg }
    /** Under the one name or the other. */
    NewsletterMetadataCollection?: ChannelMetadata
    WAWebNewsletterMetadataCollection?: ChannelMetadata
  }
  WAWebMsgDataFromModel: { msgDataFromMsgModel(message: ChannelMsg): object }
  WAWebNewsletterUpdateMsgsRecordsJob: {
    addNewsletterMsgsRecords(messages: object[]): Promise<unknown>
    updateNewsletterMsgRecord(message: ChannelMsg): Promise<unknown>
  }
  WAWebNewsletterSendMessageJob: {
    sendNewsletterMessageJob(job: {
      msg: ChannelMsg
      type: 'text' | 'pollCreation'
      newsletterJid: string
    }): Promise<{ success: boolean; serverId?: number; ack?: { t?: number; error?: unknown } }>
  }
}

/**
 * Runs in the page: posts a text or a poll in a channel, as WhatsApp Web does it: not by the way of chats, and
 * without whatsapp-web.js, which says that the server has it whatever the server said.
 */
export async function sendToChannel(given: PageMessage, handOver: HandOver): Promise<PageSendOutcome> {
  const page = window as unknown as PageGlobals<ChannelModules>
  const kit = page.sessionGatewayKit
  const collections = page.require('WAWebCollections')
  const records = page.require('WAWebNewsletterUpdateMsgsRecordsJob')
  const channel = (await page.WWebJS?.getChat(given.chatId, { getAsModel: false })) as unknown as
    | Channel
    | undefined

  const mayPost = () => ['owner', 'admin'].includes(channel?.newsletterMetadata?.membershipType ?? '')

  const fieldsOfKind = (): object => {
    const { poll } = given.options
    if (!poll) return { type: 'chat', body: given.body }
    return {
      ...{ type: 'poll_creation', kind: 'pollCreation', body: '' },
      pollName: poll.pollName,
      pollOptions: poll.pollOptions,
      pollSelectableOptionsCount: poll.options.allowMultipleAnswers ? 0 : 1,
      messageSecret: crypto.getRandomValues(new Uint8Array(32)),
    }
  }

  const posted = async (msg: ChannelMsg, newsletterJid: string): Promise<SendResult> => {
    const type = given.options.poll ? 'pollCreation' : 'text'
    const job = { msg, type, newsletterJid } as const
    const answer = await page.require('WAWebNewsletterSendMessageJob').sendNewsletterMessageJob(job)
    const { success, serverId, ack } = answer
    if (success) {
      msg.t = ack?.t ?? msg.t
      if (serverId !== undefined) msg.serverId = serverId
    }
    msg.updateAck(success ? 1 : -1, true)
    // Who posts is told what the server said, whether or not the page can keep it.
    await records.updateNewsletterMsgRecord(msg).catch(() => {})
    const code = Number(ack?.error)
    return success
      ? { messageSendResult: 'OK' }
      : { messageSendResult: 'ERROR_UNKNOWN', ...(code > 0 && { ackErrorCode: code }) }
  }

  if (!channel) {
    if (page.require('WAWebSocketModel').Socket.state !== 'CONNECTED') return { outcome: 'not_reached' }
    return { outcome: 'refused', code: 'chat_not_found', detail: 'there is no such channel' }
  }
  if (!mayPost()) {
    // What the page knows may be old.
    const metadata = collections.NewsletterMetadataCollection ?? collections.WAWebNewsletterMetadataCollection
    await metadata?.update(channel.id)
    if (!mayPost()) return { outcome: 'refused', code: 'not_channel_admin', detail: 'it reads the channel' }
  }
  const me = page.require('WAWebUserPrefsMeUser').getMaybeMePnUser() as Wid
  const MsgKey = page.require('WAWebMsgKey')
  const key = new MsgKey({ from: me, to: channel.id, id: given.messageId, selfDir: 'out' })
  const msg = new collections.Msg.modelClass({
    ...{ id: key, from: me, to: channel.id, ack: 0, self: 'out', local: true, isNewMsg: true },
    ...{ t: Math.floor(Date.now() / 1_000), ...fieldsOfKind() },
  })
  handOver.fullId = key.toString()
  handOver.isPost = true
  await records.addNewsletterMsgsRecords([page.require('WAWebMsgDataFromModel').msgDataFromMsgModel(msg)])
  channel.msgs.add(msg)
  channel.t = msg.t
  kit.takeOver(handOver)
  void kit.followSend(handOver, Promise.resolve([Promise.resolve(msg), posted(msg, channel.id.toJid())]))
  return { outcome: 'handed_over', messageId: handOver.fullId }
}
