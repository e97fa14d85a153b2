import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConverter } from '@wsg/converter/src/server.ts'
import { createLogger } from '@wsg/shared/logger.ts'
import { messageRecordSchema } from '@wsg/shared/messages/message-record.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { readQueue } from '@wsg/shared/redis/message/read-queue.ts'
import { afterAll, describe, expect } from 'vitest'
import { probe, type SampleName, sampleFile, silence } from '../../../support/sample-files.ts'
import { gatewayTest } from '../gateway-test.ts'
import { GatewayUnderTest } from '../gateway-under-test.ts'

const folder = mkdtempSync(join(tmpdir(), 'gateway-conversion-'))
const log = createLogger('converter', 'silent')
const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true, force: true })
})

const listening = async (conversionMs: number) => {
  const server = createConverter({ maxBytes: 100_000_000, conversionMs, log })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
const converter = await listening(60_000)
const conversions = { asked: 0 }
converter.on('request', () => (conversions.asked += 1))

const test = gatewayTest
  .extend(
    'environment',
    { scope: 'file' },
    {
      DATA_DIR: folder,
      METRICS: 'on',
      CONVERTER_URL: `http://127.0.0.1:${(converter.address() as AddressInfo).port}`,
    },
  )
  .extend(
    'send',
    ({ gateway }) =>
      async (message: object, headers: Record<string, string> = {}) =>
        await gateway.send('files', { message }, headers, '?wait=none'),
  )
  /** What is sent of the message. */
  .extend('sent', ({ redis }) => async (id: string) => {
    const record = messageRecordSchema.parse(await redis.hgetall(keys.message('files', id)))
    const queue = await readQueue(redis, 'files', { after: 0, limit: 1_000 })
    const content = queue.find((one) => one.id === id)?.content ?? {}
    const { media } = content as { media: { upload: string; mimetype: string; sound?: object } }
    return { record, media, bytes: readFileSync(join(folder, 'media', media.upload)) }
  })
const media = (bytes: Buffer) => ({ data: bytes.toString('base64') })

describe('a file that WhatsApp does not take is converted before its message is accepted', () => {
  test.for<SampleName>(['tone.wav', 'tone.mp3', 'cover.mp3', 'tone.m4a', 'tone.ogg', 'clip.webm'])(
    '%s as voice: Ogg/Opus of one channel, with its length and loudness',
    async (name, { ready, send, sent }) => {
      await ready('files')
      const answer = await send({
        type: 'voice',
        media: { ...media(sampleFile(name)), mimetype: 'audio/ogg' },
      })
      expect([answer.status, answer.body.error]).toEqual([202, undefined])
      const { media: file, bytes } = await sent(answer.body.id)
      const seconds = name === 'clip.webm' ? 1 : 3
      const told = probe(bytes)
      expect(told.streams).toMatchObject([{ codec_name: 'opus', channels: 1 }])
      expect(told.format).toBe('ogg')
      expect(told.seconds).toBeCloseTo(seconds, 0)
      expect(file.mimetype).toBe('audio/ogg; codecs=opus')
      const { waveform, ...sound } = file.sound as { seconds: number; waveform: number[] }
      expect(sound.seconds).toBeCloseTo(seconds, 0)
      expect(waveform).toHaveLength(64)
      expect(Math.max(...waveform)).toBe(100)
    },
  )

  test.for<[SampleName, object]>([
    ['clip.webm', {}],
    ['clip.mov', {}],
    ['h264.mov', {}],
    ['moving.gif', { gif: true }],
  ])(
    '%s as video: MP4 that begins with its index, with H.264 and AAC',
    async ([name, more], { ready, send, sent }) => {
      await ready('files')
      const message = { type: 'video', filename: 'The clip.x', media: media(sampleFile(name)), ...more }
      const answer = await send(message)
      expect([answer.status, answer.body.error]).toEqual([202, undefined])
      const { record, media: file, bytes } = await sent(answer.body.id)
      const [picture, sound] = probe(bytes).streams
      expect(picture).toMatchObject({ codec_name: 'h264', pix_fmt: 'yuv420p', height: 240 })
      if (name.startsWith('clip')) expect(sound).toMatchObject({ codec_name: 'aac' })
      expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'))
      expect(file).toMatchObject({ mimetype: 'video/mp4' })
      expect(record.content).toMatchObject({ filename: 'The clip.mp4' })
    },
  )

  test.for<SampleName>(['still.bmp', 'still.tiff', 'still.heic'])(
    '%s as image: JPEG',
    async (name, { ready, send, sent }) => {
      await ready('files')
      const answer = await send({ type: 'image', media: media(sampleFile(name)) })
      expect([answer.status, answer.body.error]).toEqual([202, undefined])
      const { media: file, bytes } = await sent(answer.body.id)
      expect(probe(bytes).streams).toMatchObject([{ codec_name: 'mjpeg', width: 160, height: 120 }])
      expect(file.mimetype).toBe('image/jpeg')
    },
  )

  test('what fits is left alone', async ({ ready, send, sent }) => {
    await ready('files')
    const note = sampleFile('note.ogg')
    const { body } = await send({ type: 'voice', media: media(note) })
    const { record, bytes } = await sent(body.id)
    expect(bytes).toEqual(note)
    expect(record.converted).toBeUndefined()
  })
})

test('the same file is converted once, and the same request is the same message', async ({
  gateway,
  ready,
  send,
}) => {
  await ready('files')
  const wav = silence(1)
  const key = { 'idempotency-key': 'one' }
  const before = conversions.asked
  const message = { type: 'voice', media: media(wav) }
  const both = await Promise.all([send(message, key), send(message)])
  expect(both.map(({ status }) => status)).toEqual([202, 202])
  const again = await send(message, key)
  expect(again.headers['idempotent-replayed']).toBe('true')
  expect(both.map(({ body }) => body.id)).toContain(again.body.id)
  expect(conversions.asked - before).toBe(1)

  const other = await send({ type: 'voice', media: media(silence(2)) }, key)
  expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } })

  // Whoever asks for the file of the message gets what was sent.
  const file = await gateway.ask('GET', `/messages/${again.body.id}/media`, { session: 'files' })
  expect(file.headers['content-type']).toBe('audio/ogg; codecs=opus')
  expect(file.raw.subarray(0, 4).toString()).toBe('OggS')
  const metrics = await gateway.ask('GET', '/metrics')
  expect(String(metrics.raw)).toMatch(
    /wsg_conversion_duration_seconds_count\{kind="voice",outcome="converted"\} \d/,
  )
})

describe('a file that cannot be converted costs only itself', () => {
  test('one that is broken, has not what is needed, or is far too large a picture is refused by its fault', async ({
    gateway,
    ready,
    send,
  }) => {
    await ready('files')
    const refused = async (type: string, bytes: Buffer) => {
      const { status, body } = await send({ type, media: media(bytes) })
      expect([status, body.code]).toEqual([422, 'media_not_converted'])
      return body.error
    }
    expect(await refused('video', sampleFile('clip.mov').subarray(0, 4_000))).toMatch(/it is broken: /)
    expect(await refused('voice', sampleFile('mute.webm'))).toMatch(/no sound/)
    const bomb = sampleFile('still.bmp').subarray(0, 200)
    bomb.writeInt32LE(60_000, 18)
    bomb.writeInt32LE(60_000, 22)
    expect(await refused('image', bomb)).toMatch(/could not be converted: it /)
    expect((await gateway.send('files', {}, {}, '?wait=none')).status).toBe(202)
    expect(String((await gateway.ask('GET', '/metrics')).raw)).toMatch(/kind="video",outcome="refused"\} \d/)
  })

  test('one that takes too long is ended, and while no converter answers callers may come again', async ({
    server,
    ready,
  }) => {
    await ready('files')
    const impatient = await listening(200)
    const { port } = impatient.address() as AddressInfo
    const gateway = await GatewayUnderTest.start(server.url, {
      ...{ DATA_DIR: folder, CONVERTER_URL: `http://127.0.0.1:${port}` },
    })
    try {
      const stored = await gateway.gateway.app.inject({
        ...{ method: 'POST', url: '/media', payload: silence(1_200) },
        headers: { authorization: 'Bearer token-of-the-tests', 'x-session-id': 'files' },
      })
      const message = { type: 'voice', media: { upload: stored.json().id } }
      expect(await gateway.send('files', { message })).toMatchObject({
        ...{ status: 422, body: { code: 'media_not_converted' } },
      })
      await new Promise((resolve) => impatient.close(resolve))
      expect(await gateway.send('files', { message })).toMatchObject({
        ...{ status: 503, body: { code: 'converter_unavailable', retryable: true } },
      })
    } finally {
      await gateway.close()
    }
  })

  test('without a converter it is refused, and the caller told what to do', async ({ server, ready }) => {
    await ready('files')
    const gateway = await GatewayUnderTest.start(server.url, { DATA_DIR: folder })
    try {
      for (const [type, bytes] of [
        ['voice', sampleFile('tone.wav')],
        ['video', sampleFile('moving.gif')],
        ['image', sampleFile('still.bmp')],
      ] as const) {
        const answer = await gateway.send('files', { message: { type, media: media(bytes) } })
        expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
        expect(answer.body.error).toMatch(
          /Convert it, or send it as .*; where its operator sets up a converter/,
        )
      }
    } finally {
      await gateway.close()
    }
  })
})
