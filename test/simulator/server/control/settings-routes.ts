import type { FastifyInstance } from 'fastify'
import type { ControlParts } from './control-parts.ts'

export function settingsRoutes(app: FastifyInstance, parts: ControlParts): void {
  const { accounts, chatStates, ledger, log, pages, settings } = parts

  app.get('/settings', () => settings.current)
  app.post('/settings', (request) => settings.change(request.body ?? {}))

  app.post('/reset', () => {
    accounts.clear()
    for (const page of pages.all()) if (page.loginId !== undefined) page.loggedOut()
    log.clear()
    ledger.clear()
    chatStates.clear()
    settings.reset()
    return {}
  })
}
