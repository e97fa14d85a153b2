import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { LoggedMessage } from '../simulator/server/message-log.ts'
import type { Random } from './random.ts'

/** A message as its caller sends it. */
export interface MixedMessage {
  message: object | string
  /** Bytes that are uploaded before, whose id goes into the message. */
  upload?: Buffer<ArrayBuffer>
  /** What tells it from all others when it arrives. */
  mark: string
}

/** One red pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
)
const OGG = Buffer.concat([Buffer.from('OggS'), Buffer.alloc(24), Buffer.from('OpusHead')])
const WEBP = Buffer.from('RIFF\x20\0\0\0WEBPVP8 ')

const FILES = { image: PNG, document: Buffer.from('%PDF-1.7\n'), voice: OGG, sticker: WEBP } as const
type FileKind = keyof typeof FILES
const isFile = (kind: string): kind is FileKind => kind in FILES

const KINDS = ['text', 'poll', 'location', 'contact', ...(Object.keys(FILES) as FileKind[])] as const
const SOURCES = ['upload', 'url', 'data'] as const

/** Messages of every common kind, whose files come from every source: one of its own answers for the URLs. */
export class MessageMix {
  readonly #server: Server

  static async start(): Promise<MessageMix> {
    const server = createServer(({ url = '' }, response) => {
      const [, kind = '', text = ''] = url.split('/').map(decodeURIComponent)
      response.end(isFile(kind) ? bytesOf(kind, text) : '')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new MessageMix(server)
  }

  private constructor(server: Server) {
    this.#server = server
  }

  /** @param text of no other message */
  make(text: string, random: Random): MixedMessage {
    const kind = random.pick(KINDS)
    if (isFile(kind)) return this.#file(kind, text, random.pick(SOURCES))
    const message = {
      text,
      poll: { type: 'poll', question: text, options: ['now', 'later'] },
      location: { type: 'location', latitude: 1.5, longitude: -2.5, name: text },
      contact: { type: 'contact', contacts: [{ name: text, phone: '491701234567' }] },
    }[kind]
    return { message, mark: text }
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #file(type: FileKind, text: string, source: (typeof SOURCES)[number]): MixedMessage {
    const bytes = bytesOf(type, text)
    const { port } = this.#server.address() as AddressInfo
    const media = {
      upload: {},
      url: { url: `http://127.0.0.1:${port}/${type}/${encodeURIComponent(text)}` },
      data: { data: bytes.toString('base64') },
    }[source]
    const hasCaption = type === 'image' || type === 'document'
    return {
      message: { type, media, ...(hasCaption && { caption: text }) },
      ...(source === 'upload' && { upload: bytes }),
      mark: hasCaption ? text : createHash('sha256').update(bytes).digest('base64'),
    }
  }
}

/** What tells a message from all others once it has arrived. */
export function markOf({ type, body, extras = {} }: Pick<LoggedMessage, 'type' | 'body' | 'extras'>): string {
  const { caption, pollName, loc, vcardFormattedName, filehash } = extras
  if (type === 'ptt' || type === 'sticker') return String(filehash)
  return String(caption ?? pollName ?? loc ?? vcardFormattedName ?? body)
}

function bytesOf(kind: FileKind, text: string): Buffer<ArrayBuffer> {
  return Buffer.concat([FILES[kind], Buffer.from(text)])
}
