import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { LoggedMessage } from '../message-log.ts'
import { type ControlParts, digits, NotFound } from './control-parts.ts'

const messagesSchema = z.strictObject({
  account: digits.optional(),
  from: digits.optional(),
  to: z.string().min(1).optional(),
  id: z.string().min(1).optional(),
  limit: z.coerce.number().int().min(1).optional(),
})

const mediaSchema = z.strictObject({ id: z.string().min(1) })

const accountSchema = z.strictObject({ account: digits })
const someAccountSchema = z.strictObject({ account: digits.optional() })

/** What the server knows: accounts, messages, and the ledger of all that came over the wire. */
export function recordRoutes(
  app: FastifyInstance,
  { accounts, calls, channels, directory, labels, ledger, log, media, pages, signals }: ControlParts,
): void {
  app.get('/accounts', () => ({
    accounts: accounts.all().map(({ number, pushName, logins, archived, blocked }) => ({
      account: number,
      pushName,
      lid: directory.describe(number).lid,
      archived,
      blocked,
      logins: logins.map(({ id, pairedAt }) => ({
        id,
        pairedAt,
        connected: pages.ofLogin(id) !== undefined,
      })),
    })),
  }))

  app.get('/messages', (request) => {
    const { account, from, to: chatId, id, limit } = messagesSchema.parse(request.query)
    const isMany = /@(?:g\.us|newsletter|broadcast)$/.test(chatId ?? '')
    const to = isMany ? chatId : chatId && directory.numberOf(chatId)
    if (chatId !== undefined && to === undefined)
      throw new NotFound(`«${chatId}» is no number and no chat id`)
    const fits = (message: LoggedMessage) =>
      (account === undefined || message.from === account || message.to === account) &&
      (from === undefined || message.from === from) &&
      (to === undefined || message.to === to) &&
      (id === undefined || message.id === id)
    const found = [...log.all()].filter(fits)
    return { messages: limit === undefined ? found : found.slice(-limit) }
  })

  app.get('/messages/:id/media', (request, reply) => {
    const { id } = mediaSchema.parse(request.params)
    const { filehash, mimetype } = [...log.all()].findLast((message) => message.id === id)?.extras ?? {}
    const file = typeof filehash === 'string' ? media.open(filehash) : undefined
    if (!file) throw new NotFound(`there is no file of a message ${id}`)
    reply.header('content-length', file.size)
    return reply.type(String(mimetype ?? 'application/octet-stream')).send(file.stream())
  })

  app.delete('/messages/:id/media', (request) => {
    const { id } = mediaSchema.parse(request.params)
    const { filehash } = [...log.all()].findLast((message) => message.id === id)?.extras ?? {}
    if (typeof filehash !== 'string' || !media.remove(filehash))
      throw new NotFound(`there is no file of a message ${id}`)
    return {}
  })

  const ofAccount = (query: unknown) => someAccountSchema.parse(query).account
  app.get('/chat-states', ({ query }) => ({ chatStates: signals.chatStates.of(ofAccount(query)) }))
  app.get('/presence', ({ query }) => ({ presence: signals.presence.of(ofAccount(query)) }))
  app.get('/read-receipts', ({ query }) => ({ readReceipts: signals.readReceipts.of(ofAccount(query)) }))

  app.get('/labels', ({ query }) => ({ labels: labels.of(accountSchema.parse(query).account) }))
  app.get('/channels', () => ({ channels: channels.all() }))
  app.get('/calls', ({ query }) => ({ calls: calls.of(ofAccount(query)) }))
  app.get('/queries', () => ({
    queries: pages.all().flatMap(({ underWay }) => [...underWay.values()].map(({ name }) => name)),
  }))
  app.get('/ledger', () => ({ ledger: ledger.read() }))
}
