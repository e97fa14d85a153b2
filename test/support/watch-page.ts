import type { Page } from 'puppeteer'

/** From here on: what a page asks for, and what it complains of. A browser says so itself where a policy stops something. */
export function watchPage(page: Page): { requests: string[]; refused: string[] } {
  const requests: string[] = []
  const refused: string[] = []
  page.on('request', (request) => void requests.push(request.url()))
  page.on('console', (said) => {
    if (said.type() === 'error') refused.push(said.text())
  })
  page.on('pageerror', (error) => void refused.push(String(error)))
  return { requests, refused }
}
