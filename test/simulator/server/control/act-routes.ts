import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { AddOnFields, AddOnType } from '../../wire.ts'
import { Refusal } from '../group-office.ts'
import type { LoggedMessage } from '../message-log.ts'
import { type ControlParts, caughtUp, digits, mustAccount, NotFound } from './control-parts.ts'

const paramsSchema = z.strictObject({ id: z.string().min(1) })
const editSchema = z.strictObject({ by: digits, body: z.string().min(1).max(65_536) })
const revokeSchema = z.strictObject({ by: digits })
const reactionSchema = z.strictObject({ by: digits, emoji: z.string().max(50) })
const voteSchema = z.strictObject({ by: digits, options: z.array(z.string()) })
const numberSchema = z
  .strictObject({ account: digits, before: digits, after: digits })
  .refine(({ before, after }) => before !== after, 'before and after are one number')

/**
 * What a person does on a phone to a message that is there, as its writer, its addressee, or a member of its group; and that
 * somebody has another number. Answered when the open pages have it.
 */
export function actRoutes(app: FastifyInstance, parts: ControlParts): void {
  const { groups, log, postOffice } = parts

  const find = (params: unknown): LoggedMessage => {
    const { id } = paramsSchema.parse(params)
    const found = [...log.all()].findLast((message) => message.id === id)
    if (!found) throw new NotFound(`there is no message ${id}`)
    return found
  }
  const act = async (by: string, about: LoggedMessage, type: AddOnType, addOn: AddOnFields) => {
    const group = groups.get(about.to)
    if (group) parts.groupOffice.memberGroup(by, group.id)
    else if (by !== about.from && by !== about.to) throw new Refusal(403, `${by} does not have this message`)
    const to = group || by === about.from ? about.to : about.from
    const extras = { target: { id: about.id, writer: about.from }, addOn }
    const message = postOffice.fromPhone({ from: by, to, body: '', type, extras })
    await caughtUp(parts, ...(group ? Object.keys(group.members) : [by, to]))
    return { message }
  }

  app.post('/messages/:id/edit', async ({ params, body: said }) => {
    const { by, body } = editSchema.parse(said)
    const message = find(params)
    if (by !== message.from) throw new Refusal(403, 'only who wrote a message edits it')
    return await act(by, message, 'message_edit', { text: body })
  })

  app.post('/messages/:id/revoke', async ({ params, body }) => {
    const { by } = revokeSchema.parse(body)
    const message = find(params)
    const role = groups.get(message.to)?.members[by] ?? 'member'
    if (by !== message.from && role === 'member')
      throw new Refusal(403, 'only who wrote a message, or an admin of its group, deletes it')
    return await act(by, message, 'revoke', {})
  })

  app.post('/messages/:id/reaction', async ({ params, body }) => {
    const { by, emoji } = reactionSchema.parse(body)
    return await act(by, find(params), 'reaction', { reactionText: emoji })
  })

  app.post('/messages/:id/vote', async ({ params, body }) => {
    const { by, options } = voteSchema.parse(body)
    const poll = find(params)
    const known = (poll.extras?.pollOptions ?? []) as { name: string; localId: number }[]
    if (poll.type !== 'poll_creation') throw new Refusal(400, 'this message is no poll')
    const chosen = options.map((option) => known.find(({ name }) => name === option))
    if (chosen.includes(undefined)) throw new Refusal(400, 'the poll does not have one of these options')
    const selectedOptionLocalIds = chosen.flatMap((option) => (option ? [option.localId] : []))
    return await act(by, poll, 'poll_update', { selectedOptionLocalIds })
  })

  app.post('/numbers/change', async ({ body }) => {
    const { account, before, after } = numberSchema.parse(body)
    mustAccount(parts, account)
    const templateParams = [`${before}@c.us`, `${after}@c.us`]
    const message = postOffice.fromPhone({
      ...{ from: after, to: account, body: '', type: 'notification_template' },
      extras: { subtype: 'change_number', templateParams },
    })
    await caughtUp(parts, account)
    return { message }
  })
}
