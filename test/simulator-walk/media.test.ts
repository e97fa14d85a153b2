import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import wweb, { type Message, type MessageSendOptions } from 'whatsapp-web.js'
import { buildNames } from '../simulator/builds.ts'
import { patient } from './patient.ts'
import { StockSession } from './stock-session.ts'
import { type WalkGround, walkGround } from './walk-ground.ts'

const ANN = '491701234567'
const FRIEND = '15550001111'
const CHAT = `${FRIEND}@c.us`

/** One red pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
)
const bytes = randomBytes(2048)

const mediaOf = (mimetype: string, data: Buffer, filename?: string) =>
  new wweb.MessageMedia(mimetype, data.toString('base64'), filename)
const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('base64')

interface Row {
  kind: string
  mimetype: string
  data: Buffer
  options?: MessageSendOptions
  type: string
  fields?: object
}

const rows: Row[] = [
  {
    kind: 'an image',
    mimetype: 'image/png',
    data: PNG,
    options: { caption: 'red' },
    type: 'image',
    fields: { caption: 'red', width: 1, height: 1 },
  },
  { kind: 'a video', mimetype: 'video/mp4', data: bytes, type: 'video', fields: { isGif: false } },
  {
    kind: 'a GIF',
    mimetype: 'video/mp4',
    data: bytes,
    options: { sendVideoAsGif: true },
    type: 'video',
    fields: { isGif: true },
  },
  { kind: 'audio', mimetype: 'audio/mpeg', data: bytes, type: 'audio' },
  {
    kind: 'a voice message',
    mimetype: 'audio/ogg; codecs=opus',
    data: bytes,
    options: { sendAudioAsVoice: true },
    type: 'ptt',
  },
  {
    kind: 'a document',
    mimetype: 'application/pdf',
    data: bytes,
    options: { caption: 'the terms' },
    type: 'document',
    fields: { filename: 'a.pdf', caption: 'the terms' },
  },
  {
    kind: 'an image as a document',
    mimetype: 'image/png',
    data: PNG,
    options: { sendMediaAsDocument: true },
    type: 'document',
    fields: { filename: 'a.pdf' },
  },
]

describe.each(buildNames)('media on the build %s', (build) => {
  let ground: WalkGround
  let ann: StockSession
  const showsInnerId = build === '2026-09'

  beforeAll(async () => {
    ground = await walkGround({ build })
    ann = await StockSession.paired(ground.simulator, ground.folder, ANN)
  })
  afterAll(async () => {
    await ann[Symbol.asyncDispose]()
    await ground[Symbol.asyncDispose]()
  })

  const newest = async (count: number) => {
    const found = await vi.waitFor(async () => {
      const messages = await ground.control.messages(ANN, FRIEND)
      expect(messages).toHaveLength(count)
      return messages
    }, patient)
    return found.at(-1)
  }

  if (showsInnerId)
    test('every file is refused for a message without an id, and text is not', async () => {
      for (const { mimetype, data, options } of rows) {
        await expect(ann.client.sendMessage(CHAT, mediaOf(mimetype, data), options)).rejects.toThrow(
          'must include an id property',
        )
      }
      await ann.client.sendMessage(CHAT, 'text')
      expect(await newest(1)).toMatchObject({ body: 'text' })
    })

  if (!showsInnerId)
    test('files of every kind arrive, each with what it is', async () => {
      for (const [at, { kind, mimetype, data, options, type, fields }] of rows.entries()) {
        await ann.client.sendMessage(CHAT, mediaOf(mimetype, data, 'a.pdf'), options)
        const message = await newest(at + 1)
        expect(message, kind).toMatchObject({
          type,
          extras: { mimetype, size: data.length, filehash: sha256(data), ...fields },
        })
        expect(await ground.control.file(message?.id ?? ''), kind).toEqual({ mimetype, data })
      }
    })

  test('a sticker goes another way, and arrives on every build', async () => {
    const before = (await ground.control.messages(ANN, FRIEND)).length
    await ann.client.sendMessage(CHAT, mediaOf('image/png', PNG), { sendMediaAsSticker: true })
    const sticker = await newest(before + 1)
    expect(sticker).toMatchObject({ type: 'sticker' })
    const { data } = await ground.control.file(sticker?.id ?? '')
    expect(data.subarray(8, 12).toString()).toBe('WEBP')
    expect(sticker?.extras).toMatchObject({ filehash: sha256(data), size: data.length })
  })

  test('an image that is none is not sent', async () => {
    const sending = ann.client.sendMessage(CHAT, mediaOf('image/png', bytes))
    await expect(sending).rejects.toThrow('MediaFileFailedToLoad')
  })

  const received = async (content: object): Promise<Message> => {
    const before = ann.emitted.message.length
    await ground.control.inboundContent(ANN, FRIEND, content)
    return vi.waitFor(() => {
      expect(ann.emitted.message).toHaveLength(before + 1)
      return ann.emitted.message.at(-1) as Message
    }, patient)
  }

  test('a received file tells what it is, and is downloaded where the account does not check the mimetype', async () => {
    const image = { mimetype: 'image/png', data: PNG.toString('base64') }
    const message = await received({ body: 'look', media: image })
    expect(message).toMatchObject({ hasMedia: true, body: 'look', type: 'image' })
    // Without the key's text nothing finds the message again.
    if (build !== 'legacy') return
    expect(await message.downloadMedia()).toMatchObject({ ...image, filesize: PNG.length })
    const pdf = { mimetype: 'application/pdf', data: bytes.toString('base64'), filename: 'a.pdf' }
    const document = await received({ media: pdf })

    await ground.control.settings({ accounts: { [ANN]: { mimetypeCheck: true } } })
    await expect(message.downloadMedia()).rejects.toThrow(
      'Unexpected mimetype application/octet-stream for media type image',
    )
    expect(await document.downloadMedia()).toMatchObject(pdf)
  })
})
