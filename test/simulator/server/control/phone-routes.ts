import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { MediaStore } from '../media-store.ts'
import type { LoggedMessage } from '../message-log.ts'
import type { PageConnection } from '../page-connection.ts'
import type { Letter } from '../post-office.ts'
import { type ControlParts, digits, mustAccount, NotFound, openPages } from './control-parts.ts'

const text = z.string().min(1).max(65_536)
const group = z.string().regex(/^\d+@g\.us$/, 'the id of a group')
const pushName = z.string().min(1).max(100).optional()

const scanSchema = z
  .strictObject({
    qr: z.string().min(1).optional(),
    code: z.string().min(1).optional(),
    phone: digits,
    pushName,
  })
  .refine(({ qr, code }) => (qr === undefined) !== (code === undefined), 'either qr or code, and not both')
const phoneSchema = z.strictObject({ phone: digits, pushName })
const mediaSchema = z.strictObject({
  mimetype: z.string().regex(/^[\w.+-]+\/[\w.+-]+/, 'a mimetype such as image/jpeg'),
  data: z.base64(),
  type: z.enum(['image', 'video', 'audio', 'ptt', 'document', 'sticker']).optional(),
  filename: z.string().min(1).max(255).optional(),
})
const inboundSchema = z
  .strictObject({
    account: digits.optional(),
    group: group.optional(),
    from: digits,
    body: text.optional(),
    type: z.string().min(1).max(50).optional(),
    fields: z.record(z.string(), z.json()).optional(),
    media: mediaSchema.optional(),
    id: z
      .string()
      .regex(/^[0-9A-F]{16,32}$/)
      .optional(),
    pushName,
  })
  .refine(
    ({ account, group }) => (account === undefined) !== (group === undefined),
    'either account or group',
  )
  .refine(({ body, type, media }) => body !== undefined || type !== undefined || media, 'nothing to send')
const outboundSchema = z.strictObject({
  account: digits,
  to: digits,
  body: text,
  at: z.iso.datetime().optional(),
})
const labelSchema = z.strictObject({
  account: digits,
  name: z.string().min(1).max(100),
  colorIndex: z.number().int().min(0).max(19).optional(),
  chats: z.array(z.string().min(1)).optional(),
})
const orderSchema = z.strictObject({
  account: digits,
  from: digits,
  products: z
    .array(
      z.strictObject({
        ...{ id: z.string().min(1), name: z.string().min(1), price: z.number().int().min(0) },
        ...{ currency: z.string().length(3), quantity: z.number().int().min(1) },
      }),
    )
    .min(1),
})
const readSchema = z.strictObject({ account: digits, from: digits, group: group.optional() })
const logoutSchema = z.strictObject({ account: digits, login: z.string().min(1).optional() })

/** Room for a file of 100 MB in base64. */
const MAX_BODY_BYTES = 140 * 1024 * 1024

/** What a person does on a phone. */
export function phoneRoutes(app: FastifyInstance, parts: ControlParts): void {
  const { accounts, log, media: files, postOffice } = parts

  app.post('/phones', (request) => {
    const phone = phoneSchema.parse(request.body)
    const account = accounts.open(phone.phone, phone.pushName)
    return { account: account.number, pushName: account.pushName }
  })

  app.post('/scan', async (request) => {
    const scan = scanSchema.parse(request.body)
    const page = scannedPage(parts, scan)
    const account = accounts.open(scan.phone, scan.pushName)
    await page.pair(account)
    return { account: account.number, pushName: account.pushName }
  })

  const caughtUp = (...numbers: string[]) =>
    Promise.all(numbers.flatMap((number) => parts.pages.ofAccount(number)).map((page) => page.caughtUp()))

  app.post('/inbound', { bodyLimit: MAX_BODY_BYTES }, async (request) => {
    const {
      account,
      group,
      from,
      body = '',
      type,
      fields,
      media,
      id,
      pushName: name,
    } = inboundSchema.parse(request.body)
    if (account !== undefined) mustAccount(parts, account)
    if (group !== undefined) parts.groupOffice.memberGroup(from, group)
    const content = media
      ? await mediaContent(files, media, body)
      : { body, ...(type !== undefined && { type }), ...(fields && { extras: fields }) }
    const message = postOffice.fromPhone({
      ...{ from, to: group ?? account ?? '', ...content },
      ...(name && { pushName: name }),
      ...(id && { id }),
    })
    const members = Object.keys(parts.groups.get(group ?? '')?.members ?? {})
    await caughtUp(from, ...(account === undefined ? members : [account]))
    return { message }
  })

  app.post('/outbound', async (request) => {
    const { account, to, body, at } = outboundSchema.parse(request.body)
    mustAccount(parts, account)
    const message = postOffice.fromPhone({ from: account, to, body, ...(at !== undefined && { at }) })
    await caughtUp(account, to)
    return { message }
  })

  app.post('/labels', async (request) => {
    const { account, name, colorIndex, chats } = labelSchema.parse(request.body)
    mustAccount(parts, account)
    const given = { ...(colorIndex !== undefined && { colorIndex }), ...(chats && { chats }) }
    const label = parts.labels.put(account, name, given)
    for (const page of parts.pages.ofAccount(account))
      page.deliver({ t: 'labels', labels: parts.labels.of(account) })
    await caughtUp(account)
    return { label }
  })

  app.post('/orders', async (request) => {
    const { account, from, products } = orderSchema.parse(request.body)
    mustAccount(parts, account)
    const { id: orderId, token } = parts.orders.place(account, products)
    const extras = { orderId, token, itemCount: products.length, sellerJid: `${account}@c.us` }
    const message = postOffice.fromPhone({ from, to: account, body: '', type: 'order', extras })
    await caughtUp(account, from)
    return { message }
  })

  app.post('/read', async (request) => {
    const { account, from, group } = readSchema.parse(request.body)
    const isUnread = ({ receipts }: LoggedMessage) => receipts?.[account]?.read === undefined
    const unread = [...log.all()].filter(
      (it) => it.to === (group ?? account) && it.from === from && isUnread(it),
    )
    const ids = unread.map((message) => message.id)
    postOffice.readAll(account, from, ids)
    await caughtUp(from)
    return { read: ids }
  })

  app.post('/logout', async (request) => {
    const { account: number, login: only } = logoutSchema.parse(request.body)
    const account = mustAccount(parts, number)
    const ended = account.logins.map(({ id }) => id).filter((id) => only === undefined || id === only)
    if (only !== undefined && ended.length === 0) throw new NotFound(`account ${number} has no login ${only}`)
    const open = openPages(parts, number).filter(
      ({ loginId }) => loginId !== undefined && ended.includes(loginId),
    )
    for (const login of ended) accounts.unlink(account, login)
    await Promise.all(open.map((page) => page.loggedOut()))
    return { loggedOut: ended.length }
  })
}

function scannedPage(
  { pairing }: ControlParts,
  { qr, code = '', phone }: z.infer<typeof scanSchema>,
): PageConnection {
  if (qr !== undefined) {
    const page = pairing.byQr(qr)
    if (!page) throw new NotFound('no page shows this QR code: it has expired, or is none of this simulator')
    return page
  }
  const shown = pairing.byCode(code)
  if (!shown) throw new NotFound('no page waits for this pairing code')
  if (shown.phone !== phone) throw new NotFound('this pairing code was asked for another number')
  return shown.page
}

/** Stores the file, and says of it what a message says. */
async function mediaContent(
  files: MediaStore,
  { data, mimetype, type, filename }: z.infer<typeof mediaSchema>,
  caption: string,
): Promise<Pick<Letter, 'body' | 'type' | 'extras'>> {
  const stored = await files.store(Buffer.from(data, 'base64'))
  const kind = /^(?:image|video|audio)(?=\/)/.exec(mimetype)?.[0] ?? 'document'
  return {
    body: '',
    type: type ?? kind,
    extras: {
      ...stored,
      encFilehash: stored.filehash,
      mediaKey: randomBytes(32).toString('base64'),
      mediaKeyTimestamp: Math.floor(Date.now() / 1000),
      mimetype,
      ...(caption !== '' && { caption }),
      ...(filename !== undefined && { filename }),
    },
  }
}
