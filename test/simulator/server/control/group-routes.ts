import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type ControlParts, digits, NotFound } from './control-parts.ts'

const group = z.string().regex(/^\d+@g\.us$/, 'the id of a group')
const properties = {
  subject: z.string().max(100).optional(),
  desc: z.string().max(2048).optional(),
  announce: z.boolean().optional(),
  restrict: z.boolean().optional(),
  memberAddMode: z.enum(['admin_add', 'all_member_add']).optional(),
  membershipApprovalMode: z.boolean().optional(),
}
const createSchema = z.strictObject({
  owner: digits,
  members: z.array(digits).default([]),
  isLidAddressingMode: z.boolean().default(true),
  ...properties,
})
const membersSchema = z.strictObject({
  group,
  by: digits,
  action: z.enum(['add', 'remove', 'promote', 'demote']),
  numbers: z.array(digits).min(1),
})
const changeSchema = z.strictObject({ group, by: digits, ...properties })
const joinSchema = z.strictObject({ by: digits, code: z.string().min(1) })
const leaveSchema = z.strictObject({ group, by: digits })

const channelSchema = z.strictObject({
  owner: digits,
  name: z.string().min(1).max(100),
  subscribers: z.array(digits).default([]),
})

const inviteSchema = z.strictObject({ channel: z.string().min(1), number: digits })

const withoutUndefined = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined))

/**
 * What members do with groups on their phones, as any number, answered when the open pages of all members have it; and
 * channels, which pages ask for.
 */
export function groupRoutes(
  app: FastifyInstance,
  { channels, groupOffice: office, groups, pages }: ControlParts,
): void {
  app.get('/groups', () => ({ groups: groups.all() }))

  const act = (path: string, run: (body: unknown) => unknown) =>
    app.post(path, async ({ body }) => {
      const answer = run(body)
      await Promise.all(pages.all().map((page) => page.caughtUp()))
      return answer ?? {}
    })

  act('/groups', (body) => {
    const { owner, members, ...given } = createSchema.parse(body)
    return office.create(owner, withoutUndefined(given), members)
  })
  act('/groups/members', (body) => {
    const { group: id, by, action, numbers } = membersSchema.parse(body)
    if (action === 'add') return { additions: office.add(by, id, numbers) }
    if (action === 'remove') office.remove(by, id, numbers)
    else office.setRole(by, id, numbers, action === 'promote' ? 'admin' : 'member')
  })
  act('/groups/change', (body) => {
    const { group: id, by, ...change } = changeSchema.parse(body)
    office.change(by, id, withoutUndefined(change))
  })
  act('/groups/join', (body) => {
    const { by, code } = joinSchema.parse(body)
    return { group: office.join(by, code) }
  })
  act('/groups/leave', (body) => {
    const { group: id, by } = leaveSchema.parse(body)
    office.leave(by, id)
  })

  app.post('/channels', ({ body }) => {
    const { owner, name, subscribers } = channelSchema.parse(body)
    const channel = channels.create(owner, name, '')
    for (const number of subscribers) channels.set(channel, 'subscribers', number, true)
    return { channel }
  })
  app.post('/channels/invite', ({ body }) => {
    const { channel: id, number } = inviteSchema.parse(body)
    const channel = channels.get(id)
    if (!channel) throw new NotFound(`there is no channel ${id}`)
    channels.set(channel, 'adminInvites', number, true)
    return { channel }
  })
}
