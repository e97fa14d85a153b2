import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type ControlParts, digits, openPages } from './control-parts.ts'

const accountSchema = z.strictObject({ account: digits })
const someAccountSchema = z.strictObject({ account: digits.optional() })
const hangSchema = z.strictObject({
  account: digits.optional(),
  how: z.enum(['wedged', 'frozen']).default('wedged'),
})

const leakSchema = z.strictObject({ account: digits.optional(), mbPerSecond: z.number().min(0).max(1024) })

/** Faults that strike once, the pages that are open now. Lasting ones are settings. */
export function faultRoutes(app: FastifyInstance, parts: ControlParts): void {
  const { settings } = parts

  app.post('/conflict', (request) => {
    const open = openPages(parts, accountSchema.parse(request.body).account)
    for (const page of open) page.conflict()
    return { pages: open.length }
  })

  app.post('/drop', (request) => {
    const open = openPages(parts, someAccountSchema.parse(request.body ?? {}).account)
    for (const page of open) page.drop()
    return { pages: open.length }
  })

  app.post('/crash', (request) => {
    const open = openPages(parts, someAccountSchema.parse(request.body ?? {}).account)
    for (const page of open) page.send({ t: 'crash' })
    return { pages: open.length }
  })

  app.post('/reload', (request) => {
    const open = openPages(parts, someAccountSchema.parse(request.body ?? {}).account)
    for (const page of open) page.send({ t: 'reload' })
    return { pages: open.length }
  })

  app.post('/hang', (request) => {
    const { account, how } = hangSchema.parse(request.body ?? {})
    const open = openPages(parts, account)
    for (const page of open) page.send({ t: 'settings', settings: { ...settings.forPage, hangPage: how } })
    return { pages: open.length }
  })

  app.post('/leak', (request) => {
    const { account, mbPerSecond } = leakSchema.parse(request.body)
    const open = openPages(parts, account)
    for (const page of open)
      page.send({ t: 'settings', settings: { ...settings.forPage, leakMbPerSecond: mbPerSecond } })
    return { pages: open.length }
  })
}
