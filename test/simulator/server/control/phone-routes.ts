import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { LoggedMessage } from '../message-log.ts'
import type { PageConnection } from '../page-connection.ts'
import { type ControlParts, caughtUp, digits, mustAccount, NotFound, openPages } from './control-parts.ts'
import { contentShape, saysOneThing, writtenOnPhone } from './phone-content.ts'

const group = z.string().regex(/^\d+@g\.us$/, 'the id of a group')
const NOT_ONE = 'a message is a text (body), or one other kind'
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
const inboundSchema = z
  .strictObject({
    account: digits.optional(),
    group: group.optional(),
    from: digits,
    ...contentShape,
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
  .refine(saysOneThing, NOT_ONE)
const outboundSchema = z
  .strictObject({
    account: digits,
    to: z.union([digits, group]),
    ...contentShape,
    at: z.iso.datetime().optional(),
  })
  .refine(saysOneThing, NOT_ONE)
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
  const membersOf = (id = '') => Object.keys(parts.groups.get(id)?.members ?? {})

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

  app.post('/inbound', { bodyLimit: MAX_BODY_BYTES }, async (request) => {
    const { account, group, from, id, pushName: name, ...content } = inboundSchema.parse(request.body)
    if (account !== undefined) mustAccount(parts, account)
    if (group !== undefined) parts.groupOffice.memberGroup(from, group)
    const message = postOffice.fromPhone({
      ...{ from, to: group ?? account ?? '', ...(await writtenOnPhone(files, content)) },
      ...(name && { pushName: name }),
      ...(id && { id }),
    })
    await caughtUp(parts, from, ...(account === undefined ? membersOf(group) : [account]))
    return { message }
  })

  app.post('/outbound', { bodyLimit: MAX_BODY_BYTES }, async (request) => {
    const { account, to, at, ...content } = outboundSchema.parse(request.body)
    mustAccount(parts, account)
    if (to.includes('@')) parts.groupOffice.memberGroup(account, to)
    const written = await writtenOnPhone(files, content)
    const message = postOffice.fromPhone({ from: account, to, ...written, ...(at !== undefined && { at }) })
    await caughtUp(parts, account, to, ...membersOf(to))
    return { message }
  })

  app.post('/labels', async (request) => {
    const { account, name, colorIndex, chats } = labelSchema.parse(request.body)
    mustAccount(parts, account)
    const given = { ...(colorIndex !== undefined && { colorIndex }), ...(chats && { chats }) }
    const label = parts.labels.put(account, name, given)
    for (const page of parts.pages.ofAccount(account))
      page.deliver({ t: 'labels', labels: parts.labels.of(account) })
    await caughtUp(parts, account)
    return { label }
  })

  app.post('/orders', async (request) => {
    const { account, from, products } = orderSchema.parse(request.body)
    mustAccount(parts, account)
    const { id: orderId, token } = parts.orders.place(account, products)
    const extras = { orderId, token, itemCount: products.length, sellerJid: `${account}@c.us` }
    const message = postOffice.fromPhone({ from, to: account, body: '', type: 'order', extras })
    await caughtUp(parts, account, from)
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
    await caughtUp(parts, from)
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
