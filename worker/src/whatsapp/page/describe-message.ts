import type { MsgKey, PageGlobals, Wid } from './page-globals.ts'
import type { PagePerson } from './person-of.ts'

/** A message as the page tells it: WhatsApp's own words, of which nothing is left out that callers are told. */
export interface PageMessageFacts {
  id: string
  key: string
  chat: PagePerson
  /** Who wrote it, where that is not the person of the chat. */
  author?: PagePerson
  fromMe: boolean
  pushName?: string
  type: string
  body?: string
  caption?: string
  /** Unix time in seconds. */
  t: number
  ack: number
  mentions?: string[]
  quoted?: { id: string; author?: string; type: string; body?: string; caption?: string }
  media?: { mimetype?: string; size?: number; filename?: string; duration?: string | number }
  location?: { lat: number; lng: number; loc?: string }
  vcards?: string[]
  poll?: { name: string; options: string[]; selectable?: number }
  isForwarded?: true
  /** Of a notice: what kind it is, whom it is about, and ids that belong to it. */
  subtype?: string
  recipients?: PagePerson[]
  templateParams?: string[]
}

/** A message as the page's collections hold it. */
export interface PageMessageModel {
  id: Omit<MsgKey, 'participant'> & { participant?: Wid | string }
  author?: Wid | string
  type: string
  body?: unknown
  caption?: unknown
  isCaptionByUser?: boolean
  t: number
  ack?: number
  isNewMsg?: boolean
  notifyName?: string
  mentionedJidList?: (Wid | string)[]
  quotedMsg?: { type?: string; body?: unknown; caption?: unknown }
  quotedStanzaID?: string
  quotedParticipant?: Wid | string
  mimetype?: string
  size?: number
  filename?: string
  duration?: string | number
  lat?: number
  lng?: number
  loc?: string
  vcardList?: { vcard: string }[]
  pollName?: string
  pollOptions?: { name: string }[]
  pollSelectableOptionsCount?: number
  isForwarded?: boolean
  subtype?: string
  recipients?: (Wid | string)[]
  templateParams?: unknown[]
  latestEditMsgKey?: MsgKey | string
  latestEditSenderTimestampMs?: number
  protocolMessageKey?: MsgKey | string
  revokeSender?: Wid | string
  revokeTimestamp?: number
  once(event: string, listener: () => void): void
}

/** Runs in the page: a message in WhatsApp's own words, with the numbers of its people next to their hidden identities. */
export function describeMessage(msg: PageMessageModel): PageMessageFacts {
  const page = window as unknown as PageGlobals
  const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined)
  const idOf = (wid: Wid | string) => (typeof wid === 'string' ? wid : wid._serialized)
  const { personOf } = page.sessionGatewayKit

  const mediaTypes = ['image', 'video', 'audio', 'ptt', 'ptv', 'document', 'sticker']
  const author = msg.id.participant ?? msg.author
  const isNotice = ['gp2', 'notification_template', 'ciphertext'].includes(msg.type)
  const isMedia = mediaTypes.includes(msg.type)
  // A document without a caption bears its file name there.
  const caption = msg.isCaptionByUser === false ? undefined : textOf(msg.caption)
  // Of media it is a picture as text.
  const body = isMedia ? undefined : textOf(msg.body)
  const mentions = msg.mentionedJidList?.map(idOf) ?? []
  const { quotedMsg: quoted } = msg
  const quotedBody = mediaTypes.includes(quoted?.type ?? '') ? undefined : textOf(quoted?.body)
  const quotedCaption = textOf(quoted?.caption)
  return {
    id: msg.id.id,
    key: msg.id.toString(),
    chat: personOf(msg.id.remote),
    ...(author && { author: personOf(author) }),
    fromMe: msg.id.fromMe,
    ...(msg.notifyName && { pushName: msg.notifyName }),
    type: msg.type,
    ...(body && { body }),
    ...(caption && { caption }),
    t: msg.t,
    ack: msg.ack ?? 0,
    ...(mentions.length > 0 && { mentions }),
    ...(quoted &&
      msg.quotedStanzaID && {
        quoted: {
          id: msg.quotedStanzaID,
          ...(msg.quotedParticipant && { author: idOf(msg.quotedParticipant) }),
          type: quoted.type ?? 'chat',
          ...(quotedBody && { body: quotedBody }),
          ...(quotedCaption && { caption: quotedCaption }),
        },
      }),
    ...(isMedia && {
      media: {
        ...(msg.mimetype && { mimetype: msg.mimetype }),
        ...(typeof msg.size === 'number' && { size: msg.size }),
        ...(msg.filename && { filename: msg.filename }),
        ...(msg.duration !== undefined && { duration: msg.duration }),
      },
    }),
    ...(msg.type === 'location' &&
      typeof msg.lat === 'number' &&
      typeof msg.lng === 'number' && {
        location: { lat: msg.lat, lng: msg.lng, ...(msg.loc && { loc: msg.loc }) },
      }),
    ...(msg.vcardList && { vcards: msg.vcardList.map(({ vcard }) => vcard) }),
    ...(msg.type === 'poll_creation' && {
      poll: {
        name: msg.pollName ?? '',
        options: msg.pollOptions?.map(({ name }) => name) ?? [],
        ...(msg.pollSelectableOptionsCount !== undefined && {
          selectable: msg.pollSelectableOptionsCount,
        }),
      },
    }),
    ...(msg.isForwarded && { isForwarded: true as const }),
    ...(isNotice && msg.subtype && { subtype: msg.subtype }),
    ...(isNotice && msg.recipients && { recipients: msg.recipients.map(personOf) }),
    ...(isNotice &&
      msg.templateParams && {
        templateParams: msg.templateParams.map((param) => idOf(param as Wid | string)),
      }),
  }
}
