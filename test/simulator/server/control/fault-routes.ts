import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { PageConnection } from '../page-connection.ts'
import { type ControlParts, digits, openPages } from './control-parts.ts'

const accountSchema = z.strictObject({ account: digits })
const someAccountSchema = z.strictObject({ account: digits.optional() })
const endSchema = someAccountSchema.extend({ arrives: z.boolean().default(false) })
const hangSchema = z.strictObject({
  account: digits.optional(),
  how: z.enum(['wedged', 'frozen']).default('wedged'),
})

const leakSchema = z.strictObject({ account: digits.optional(), mbPerSecond: z.number().min(0).max(1024) })

/** Faults that strike once, the pages that are open now. Lasting ones are settings. Each is answered when it has struck. */
export function faultRoutes(app: FastifyInstance, parts: ControlParts): void {
  const { settings } = parts
  const strike = async (open: PageConnection[], fault: (page: PageConnection) => Promise<void>) => {
    await Promise.all(open.map(fault))
    return { pages: open.length }
  }
  const end = (body: unknown, fault: (page: PageConnection) => Promise<void>) => {
    const { account, arrives } = endSchema.parse(body ?? {})
    return strike(openPages(parts, account), (page) => {
      if (arrives) page.loseAnswers()
      return fault(page)
    })
  }
  const everyPageOf = (body: unknown) => openPages(parts, someAccountSchema.parse(body ?? {}).account)

  app.post('/conflict', (request) =>
    strike(openPages(parts, accountSchema.parse(request.body).account), (page) => page.conflict()),
  )
  app.post('/drop', (request) => end(request.body, (page) => page.drop()))
  app.post('/crash', (request) => end(request.body, (page) => page.leave('crash')))
  app.post('/reload', (request) => end(request.body, (page) => page.leave('reload')))
  app.post('/passkey', (request) => strike(everyPageOf(request.body), (page) => page.tell({ t: 'passkey' })))

  app.post('/hang', (request) => {
    const { account, how } = hangSchema.parse(request.body ?? {})
    return strike(openPages(parts, account), (page) =>
      page.tell({ t: 'settings', settings: { ...settings.forPage(page.account?.number), hangPage: how } }),
    )
  })

  app.post('/leak', (request) => {
    const { account, mbPerSecond } = leakSchema.parse(request.body)
    return strike(openPages(parts, account), (page) => {
      const told = { ...settings.forPage(page.account?.number), leakMbPerSecond: mbPerSecond }
      return page.tell({ t: 'settings', settings: told })
    })
  })
}
