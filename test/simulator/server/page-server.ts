import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { join } from 'node:path'
import { WebSocketServer } from 'ws'
import type { PageBoot } from '../wire.ts'
import { answerMediaRequest } from './media-requests.ts'
import { PageConnection, type ServerParts } from './page-connection.ts'
import { pageScript } from './page-script.ts'
import type { TlsIdentity } from './tls-identity.ts'

const PAGE_FOLDER = join(import.meta.dirname, '../page')
// Once a process: a suite starts hundreds of simulators, and this is half of what one's start costs.
const script = pageScript(join(PAGE_FOLDER, 'main.ts'))
const html = readFileSync(join(PAGE_FOLDER, 'index.html'), 'utf8')
// With something of another host in it, which a session's browser does not reach.
const UNSUPPORTED =
  '<!doctype html><title>WhatsApp</title><p>This browser is not supported.</p><img src="https://example.com/browsers.png">'

/** What Chromium finds at https://web.whatsapp.com: the page, its one script, and the socket. */
export function pageServer(
  identity: TlsIdentity,
  parts: ServerParts,
): { server: Server; sockets: WebSocketServer } {
  let lostScripts = 0
  const server = createServer({ key: identity.key, cert: identity.cert }, (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'https://web.whatsapp.com')
    if (pathname.startsWith('/mms/')) {
      if (parts.settings.current.refusePages) request.destroy()
      else void answerMediaRequest(parts.media, pathname, request, response, parts.settings.current)
    } else if (pathname === '/') {
      parts.delays.after(parts.settings.current.pageLoadDelayMs, () => {
        const agent = request.headers['user-agent'] ?? ''
        if (parts.settings.current.refusedBrowsers.some((word) => agent.includes(word))) {
          response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
          response.end(UNSUPPORTED)
          return
        }
        const { build, missing, lateModules, lazyModules } = parts.settings.current
        const boot: PageBoot = { build, missing, lateModules, lazyModules }
        response.writeHead(200, {
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-store',
          // As the real page, which lets scripts in by a nonce: a script tag that somebody adds does not run.
          'content-security-policy': "script-src 'self'",
        })
        response.end(
          html
            .replace('"{boot}"', () => JSON.stringify(boot).replaceAll('<', '\\u003c'))
            .replace('{script}', `/${script.hash}.js`),
        )
      })
    } else if (pathname === `/${script.hash}.js`) {
      response.writeHead(200, {
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
      })
      if (lostScripts < parts.settings.current.lostScripts) {
        lostScripts += 1
        response.write(script.code.slice(0, 1_000), () => response.destroy())
      } else response.end(script.code)
    } else {
      response.writeHead(404).end()
    }
  })

  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  server.on('upgrade', (request, socket, head) => {
    if (parts.settings.current.refusePages) return socket.destroy()
    sockets.handleUpgrade(request, socket, head, (webSocket) => new PageConnection(webSocket, parts))
  })
  return { server, sockets }
}
