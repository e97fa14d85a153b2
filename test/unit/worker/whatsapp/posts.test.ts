import type { HandOver, SendPromises } from '@wsg/worker/src/whatsapp/page/page-globals.ts'
import { postStatus } from '@wsg/worker/src/whatsapp/page/sending/post-status.ts'
import type { PageMessage } from '@wsg/worker/src/whatsapp/page/sending/send-message.ts'
import { sendToChannel } from '@wsg/worker/src/whatsapp/page/sending/send-to-channel.ts'
import { takeOver } from '@wsg/worker/src/whatsapp/page/sending/take-over.ts'
import { afterEach, expect, test, vi } from 'vitest'
import { msgKeyClass, openFakePage } from './fake-page.ts'

const CHANNEL = '120363000000000000@newsletter'
const socket = { state: 'CONNECTED' }
const followed: Promise<SendPromises>[] = []
const common = {
  WAWebMsgKey: msgKeyClass('$1'),
  WAWebSocketModel: { Socket: socket },
  WAWebUserPrefsMeUser: { getMaybeMePnUser: () => 'me' },
  WAWebWidFactory: { createWid: (id: string) => id },
}
const kit = {
  takeOver,
  followSend: async (_handOver: HandOver, promises: Promise<SendPromises>) => void followed.push(promises),
  preparedMedia: new Map([['PICTURE', { body: 'thumb', fields: { type: 'image', __x_id: undefined } }]]),
}
const given = (messageId: string, chatId: string): PageMessage => ({
  ...{ messageId, chatId, body: 'hello', options: {}, deadline: 0 },
})
const handOver = (deadlineInMs = 30_000): HandOver => ({
  ...{ chosenId: 'ID', chatId: 'chat', fullId: '', deadline: Date.now() + deadlineInMs },
  ...{ stage: 'waiting', isRefused: false },
})
/** What became of it, as it is followed. */
const outcome = async () => await (await followed.at(-1))?.[1]

afterEach(() => {
  followed.length = 0
  socket.state = 'CONNECTED'
  vi.unstubAllGlobals()
})

/** @param sends what the page's function for files does once it may */
function openStatusPage(sends: () => Promise<unknown>) {
  const posted: object[] = []
  const post = async (data: object, beforeSend: () => unknown) => {
    try {
      await beforeSend()
    } catch {
      return { messageSendResult: 'ERROR_UPLOAD' }
    }
    posted.push({ ...data })
    return await sends()
  }
  const modules = { ...common, WAWebSendStatusMsgAction: { sendStatusMediaMsgAction: post } }
  openFakePage(modules, { sessionGatewayKit: kit })
  return posted
}

test('a file leaves as status under the chosen id, with nothing of ours or of its model in it', async () => {
  const posted = openStatusPage(async () => ({ messageSendResult: 'OK' }))
  const marker = handOver()
  expect(await postStatus(given('PICTURE', 'status@broadcast'), marker)).toMatchObject({
    outcome: 'handed_over',
  })
  expect(posted).toMatchObject([{ type: 'image', body: 'thumb', id: { id: 'PICTURE', fromMe: true } }])
  for (const name of ['__x_id', 'beforeSend', 'mediaMsgData']) expect(posted[0]).not.toHaveProperty(name)
  expect(marker.isPost).toBe(true)
  expect(await outcome()).toEqual({ messageSendResult: 'OK' })
})

test('a status does not leave after its deadline, nor while WhatsApp is away', async () => {
  const posted = openStatusPage(async () => ({ messageSendResult: 'OK' }))
  const late = handOver(-1)
  await expect(postStatus(given('PICTURE', 'status@broadcast'), late)).rejects.toThrow('ERROR_UPLOAD')
  expect(late.stage).toBe('late')
  socket.state = 'OPENING'
  const offline = handOver()
  await expect(postStatus(given('PICTURE', 'status@broadcast'), offline)).rejects.toThrow('ERROR_UPLOAD')
  expect(offline.stage).toBe('offline')
  expect(posted).toEqual([])
})

/** @param job what the server answers to what is written in the channel */
function openChannelPage(job: () => Promise<unknown>, roles = ['owner']) {
  const acks: number[] = []
  class Message {
    updateAck = (ack: number) => void acks.push(ack)
  }
  const channel = {
    ...{ id: { toJid: () => CHANNEL }, t: 0, msgs: { add() {} } },
    newsletterMetadata: { membershipType: roles[0] },
  }
  const update = async () => {
    channel.newsletterMetadata.membershipType = roles.at(-1)
  }
  openFakePage(
    {
      ...common,
      WAWebCollections: { Msg: { modelClass: Message }, NewsletterMetadataCollection: { update } },
      WAWebMsgDataFromModel: { msgDataFromMsgModel: () => ({}) },
      WAWebNewsletterUpdateMsgsRecordsJob: {
        addNewsletterMsgsRecords: async () => {},
        updateNewsletterMsgRecord: async () => {},
      },
      WAWebNewsletterSendMessageJob: { sendNewsletterMessageJob: job },
    },
    { sessionGatewayKit: kit, WWebJS: { getChat: async () => channel } },
  )
  return acks
}

test('what the server of channels says is what is told', async () => {
  const acks = openChannelPage(async () => ({ success: true, serverId: 7, ack: { t: 5 } }))
  expect(await sendToChannel(given('ID', CHANNEL), handOver())).toMatchObject({ outcome: 'handed_over' })
  expect(await outcome()).toEqual({ messageSendResult: 'OK' })
  expect(acks).toEqual([1])

  const failed = openChannelPage(async () => ({ success: false, ack: { error: '403' } }))
  await sendToChannel(given('ID', CHANNEL), handOver())
  expect(await outcome()).toEqual({ messageSendResult: 'ERROR_UNKNOWN', ackErrorCode: 403 })
  expect(failed).toEqual([-1])

  openChannelPage(() => Promise.reject(new Error('no answer')))
  await sendToChannel(given('ID', CHANNEL), handOver())
  await expect(outcome()).rejects.toThrow('no answer')
})

test('who was made an admin of a channel writes at once, and nobody after the deadline', async () => {
  openChannelPage(async () => ({ success: true }), ['subscriber', 'admin'])
  expect(await sendToChannel(given('ID', CHANNEL), handOver())).toMatchObject({ outcome: 'handed_over' })
  const late = handOver(-1)
  await expect(sendToChannel(given('ID', CHANNEL), late)).rejects.toThrow('deadline')
  expect(late.stage).toBe('late')
  expect(followed).toHaveLength(1)
})
