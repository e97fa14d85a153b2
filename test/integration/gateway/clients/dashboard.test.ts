import { describe, expect } from 'vitest'
import { gatewayTest } from '../gateway-test.ts'
import type { GatewayUnderTest } from '../gateway-under-test.ts'

const POLICY =
  "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"

const test = gatewayTest

function load(gateway: GatewayUnderTest, url: string, headers: Record<string, string> = {}) {
  return gateway.ask('GET', url, { token: null, headers })
}

/** Every address that a browser asks for to show the page, by what named it. */
async function loadAll(gateway: GatewayUnderTest) {
  const answers = new Map<string, Awaited<ReturnType<typeof load>>>()
  const follow = async (url: string): Promise<void> => {
    if (answers.has(url)) return
    const answer = await load(gateway, url)
    answers.set(url, answer)
    const named =
      url === '/'
        ? String(answer.body).matchAll(/(?:href|src)="([^"]+)"/g)
        : String(answer.body).matchAll(/(?:^|[};])\s*(?:import|export)\b[^'"]*?\bfrom\s*["']([^"']+)["']/gm)
    for (const [, address] of named) await follow(new URL(address as string, `http://here${url}`).pathname)
  }
  await follow('/')
  return answers
}

describe('the dashboard', () => {
  test('is there without a token, with all that it loads, and nothing of it comes from elsewhere', async ({
    gateway,
  }) => {
    const answers = await loadAll(gateway)
    const types = Object.fromEntries(
      [...answers].map(([url, { status, headers }]) => [url, `${status} ${headers['content-type']}`]),
    )
    expect(types).toMatchObject({
      '/': '200 text/html; charset=utf-8',
      '/dashboard/dashboard.css': '200 text/css; charset=utf-8',
      '/dashboard/icon.svg': '200 image/svg+xml',
      '/dashboard/pages/sessions.ts': '200 text/javascript; charset=utf-8',
      '/dashboard/lib/preact/hooks/hooks.mjs': '200 text/javascript; charset=utf-8',
    })
    expect(Object.values(types).filter((type) => !type.startsWith('200 '))).toEqual([])
    for (const { body } of answers.values())
      expect(String(body).match(/(?:href|src|from)\s*[=(]?\s*["'](?:https?:)?\/\/[^"']*/g)).toBeNull()
  })

  test('lets no script, style or frame in that is not its own', async ({ gateway }) => {
    for (const url of ['/', '/dashboard/main.ts', '/dashboard/facts.json']) {
      const { headers } = await load(gateway, url)
      expect(headers).toMatchObject({
        'content-security-policy': POLICY,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      })
    }
    const { body } = await load(gateway, '/')
    expect(body).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=/)
  })

  test('names no address from the root, so that it works below any path of a proxy', async ({ gateway }) => {
    const { body } = await load(gateway, '/')
    expect(body.match(/(?:href|src)="\/[^"]*"/g)).toBeNull()
  })

  test('tells programs that read how the API is used, and leads them to nothing that is not there', async ({
    gateway,
  }) => {
    const { body } = await load(gateway, '/llms.txt')
    expect(body).toContain('X-Session-Id')
    const links = [...String(body).matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => `/${link}`)
    expect(links).toEqual(['/openapi.json', '/docs', '/mcp'])
    const answers = await Promise.all(links.map((link) => load(gateway, link)))
    expect(answers.map(({ status }) => status)).toEqual([401, 200, 405])
  })

  test('is not sent again where it did not change', async ({ gateway }) => {
    const { headers } = await load(gateway, '/dashboard/main.ts')
    const again = await load(gateway, '/dashboard/main.ts', { 'if-none-match': String(headers.etag) })
    expect([again.status, again.body]).toEqual([304, ''])
  })

  test('knows no simulated phone outside of the sandbox', async ({ gateway }) => {
    const { body } = await load(gateway, '/dashboard/facts.json')
    expect(body.hasSimulatedPhones).toBe(false)
    const scan = await gateway.ask('POST', '/dashboard/simulated-phone/scan', {
      body: { qr: 'a,b', phone: '5511999887766' },
    })
    expect(scan.status).toBe(404)
  })
})
