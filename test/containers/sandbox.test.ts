import { randomBytes } from 'node:crypto'
import { afterAll, expect, it } from 'vitest'
import { ApiClient } from '../support/api-client.ts'
import { pair } from '../support/pair.ts'
import { reservePort } from '../support/reserve-port.ts'
import { SimulatorClient } from '../support/simulator-client.ts'
import { Compose } from './compose.ts'

let compose: Compose | undefined
afterAll(() => compose?.remove())

it('one command starts the sandbox alone, with simulated phones and data of its own', async () => {
  const port = await reservePort(2)
  const ports = { SANDBOX_PORT: String(port), SIMULATOR_PORT: String(port + 1) }
  const project = `wsg-${randomBytes(4).toString('hex')}`
  compose = new Compose(project, ['docker-compose.yml'], { API_TOKEN: '', ...ports })
  await compose.run('up', '-d', '--no-build', 'sandbox')

  const running = (await compose.run('ps', '--services')).split('\n').filter(Boolean)
  const counts = await Promise.all(running.map(async (name) => (await compose?.containers(name))?.length))
  const up = running.filter((_, n) => counts[n] === 1)
  expect(up.sort()).toEqual(['sandbox', 'sandbox-redis', 'sandbox-worker', 'simulator'])

  const phonePage = await fetch(`http://127.0.0.1:${port + 1}/`)
  expect([phonePage.status, await phonePage.text()]).toEqual([200, expect.stringContaining('<html')])

  const api = new ApiClient(`http://127.0.0.1:${port}`, 'token-of-the-sandbox')
  const simulator = SimulatorClient.at(`http://127.0.0.1:${port + 1}`)
  await pair({ api, simulator }, 'try', '491700000041')
  expect((await api.send('try', '5511999887766', 'hello')).status).toBe(200)
})
