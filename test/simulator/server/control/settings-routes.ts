import type { FastifyInstance } from 'fastify'
import type { ControlParts } from './control-parts.ts'

export function settingsRoutes(app: FastifyInstance, parts: ControlParts): void {
  const {
    accounts,
    calls,
    channels,
    groups,
    labels,
    ledger,
    log,
    lostAnswers,
    media,
    orders,
    pages,
    profiles,
    settings,
    signals,
  } = parts
  const tellPages = () =>
    Promise.all(
      pages
        .all()
        .map((page) => page.tell({ t: 'settings', settings: settings.forPage(page.account?.number) })),
    )

  app.get('/settings', () => settings.current)

  app.post('/settings', async (request) => {
    const changed = settings.change(request.body ?? {})
    await tellPages()
    return changed
  })

  app.post('/reset', async () => {
    accounts.clear()
    const ended = pages.all().flatMap((page) => (page.loginId === undefined ? [] : [page.loggedOut()]))
    calls.clear()
    channels.clear()
    groups.clear()
    labels.clear()
    profiles.clear()
    log.clear()
    lostAnswers.clear()
    ledger.clear()
    media.clear()
    orders.clear()
    signals.clear()
    settings.reset()
    await Promise.all([...ended, tellPages()])
    return {}
  })
}
