import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'vitest'
import { reservePort } from '../../../support/reserve-port.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { gatewayTest } from '../gateway-test.ts'
import type { GatewayUnderTest } from '../gateway-under-test.ts'
import { hear } from '../hear.ts'

const ROOT = join(import.meta.dirname, '../../../..')
const CLIENT = join(ROOT, 'clients/typescript/src/client.ts')
const MARIA = '5511999887766@c.us'
const JOAO = '5511988776655@c.us'
const SECRET = `whsec_${Buffer.alloc(24, 9).toString('base64')}`

/** The samples of a page in one language, in their order. */
function samples(page: string, language: string): string[] {
  const text = readFileSync(join(ROOT, 'docs', page), 'utf8')
  return [...text.matchAll(/^```(\w+) program\n(.*?)^```/gms)].flatMap(([, of, code]) =>
    of === language && code ? [code] : [],
  )
}

/** Where the gateway of this file listens, from the first test on that needs it. */
async function portOf({ gateway: { app } }: GatewayUnderTest): Promise<number> {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  return (app.server.address() as AddressInfo).port
}

const receivers = [
  ...samples('webhooks.md', 'js').map((code) => ['node', code] as const),
  ...samples('webhooks.md', 'python').map((code) => ['python3', code] as const),
]

const bots = [
  ...samples('receiving.md', 'ts').map((code) => ['node', code] as const),
  ...samples('receiving.md', 'python').map((code) => ['python3', code] as const),
]

const it = gatewayTest.extend('run', ({ emptied: _ }, { onCleanup }) => {
  const running: ChildProcess[] = []
  onCleanup(async () => {
    for (const child of running) {
      const gone = child.exitCode === null ? once(child, 'exit') : null
      child.kill('SIGKILL')
      await gone
    }
  })
  return (program: 'node' | 'python3', code: string, env: Record<string, string>) => {
    const runnable = code.replaceAll("'@wsg/client'", `'${CLIENT}'`)
    const node = ['--no-warnings', '--input-type=module-typescript', '-e', runnable]
    const how = program === 'node' ? node : ['-c', code]
    const child = spawn(program === 'node' ? process.execPath : program, how, {
      cwd: join(ROOT, 'test'),
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    running.push(child)
    const printed = { text: '' }
    child.stdout?.on('data', (chunk: Buffer) => {
      printed.text += chunk.toString()
    })
    return printed
  }
})

it('the pages have receivers and bots in both languages', () => {
  expect(receivers.map(([program]) => program)).toEqual(['node', 'node', 'python3'])
  expect(bots.map(([program]) => program)).toEqual(['node', 'python3'])
})

it.for(receivers)(
  'a receiver of the page (%s) takes what we post, and nothing else',
  async ([program, code], { gateway, ready, run }) => {
    const worker = await ready('my-session')
    const port = await reservePort()
    const printed = run(program, code, { SECRET, HOST: '127.0.0.1', PORT: String(port) })
    const url = `http://127.0.0.1:${port}/hook`
    const answers = () => fetch(url, { method: 'POST', body: '{}' }).then(({ status }) => status)
    expect(await waitFor('it to listen', answers)).toBe(401)
    const put = (secret: string) =>
      gateway.ask('PUT', '/webhooks/crm', {
        session: 'my-session',
        body: { url, secret, events: ['message'] },
      })
    const other = `whsec_${Buffer.alloc(24, 1).toString('base64')}`
    expect((await put(other)).status).toBe(200)
    expect((await gateway.post('/webhooks/crm/test', 'my-session')).body.httpStatus).toBe(401)
    // During a rotation both sign.
    await put(SECRET)
    expect((await gateway.post('/webhooks/crm/test', 'my-session')).body).toMatchObject({ success: true })
    await hear(worker, MARIA, 'Olá 👍🏽')
    await waitFor('the event', () => /^message evt_\w{24}$/m.test(printed.text))
    expect(printed.text).toMatch(/^webhook\.test evt_/)
  },
)

it('the reader of the page reads a stream, and goes on after a break', async ({ gateway, ready, run }) => {
  const worker = await ready('my-session')
  const { app } = gateway.gateway
  const port = await portOf(gateway)
  const [code = ''] = samples('events.md', 'js')
  const printed = run('node', code, { URL: `http://127.0.0.1:${port}`, TOKEN: 'token-of-the-tests' })
  const ids = () => [...printed.text.matchAll(/^message (evt_\w+)$/gm)].map(([, id]) => id)
  await waitFor('it to read', async () => {
    await hear(worker, MARIA, 'before')
    return ids().length > 0
  })
  const before = ids().length
  app.server.closeAllConnections()
  await hear(worker, MARIA, 'one', 'two')
  await waitFor('what came meanwhile', () => ids().length >= before + 2)
  expect(new Set(ids()).size).toBe(ids().length)
})

it.for(bots)(
  'a bot of the page (%s) answers what somebody wrote once, also what came while its stream was broken',
  async ([program, code], { gateway, ready, run }) => {
    const worker = await ready('my-session')
    worker.takeSends()
    const port = await portOf(gateway)
    const printed = run(program, code, { URL: `http://127.0.0.1:${port}`, TOKEN: 'token-of-the-tests' })
    await waitFor('an answer', async () => {
      await hear(worker, MARIA, 'Is anybody there?')
      return printed.text.includes('answered')
    })
    gateway.gateway.app.server.closeAllConnections()
    await hear(worker, JOAO, 'one', 'two')
    await waitFor('both to be answered', async () => {
      const { body } = await gateway.get('/messages?status=sent&limit=500', 'my-session')
      const toJoao = (body.items as { to: { input: string } }[]).filter(({ to }) => to.input === JOAO)
      expect(toJoao.length).toBeLessThanOrEqual(2)
      return toJoao.length === 2
    })
  },
)
