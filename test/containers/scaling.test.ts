import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitFor } from '../support/wait-for.ts'
import { ContainerFleet, TOKEN } from './container-fleet.ts'
import { docker } from './docker.ts'

const SESSIONS = { sales: '491700000031', support: '491700000032', billing: '491700000033' }
const TO = '5511999887766'

let folder: string
let fleet: ContainerFleet
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'token-'))
  const tokenFile = join(folder, 'token')
  await writeFile(tokenFile, `${TOKEN}\n`)
  fleet = await ContainerFleet.start({ workers: 1, gateways: 1, tokenFile })
})
afterAll(async () => {
  await fleet?.close()
  await rm(folder, { recursive: true, force: true })
})

const statusOf = async (session: string) => (await fleet.api.get('/status', session)).body
const readyOnes = async () => {
  const states = await Promise.all(Object.keys(SESSIONS).map(statusOf))
  return states.filter(({ status }) => status === 'ready').length
}

it('takes its token from a file, which stands in no environment', async () => {
  expect((await fleet.api.get('/health')).status).toBe(200)
  const [gateway = ''] = await fleet.compose.containers('gateway')
  expect(await docker('inspect', gateway)).not.toContain(TOKEN)
})

it('gives waiting sessions a worker when it is scaled up, and any worker may go when it is scaled down', async () => {
  await fleet.pair('sales', SESSIONS.sales)
  await fleet.api.request('/qr?wait=0', { session: 'support' })
  expect(await statusOf('support')).toMatchObject({ status: 'initializing', reason: 'waiting_for_worker' })

  await fleet.up({ workers: 3 })
  await fleet.pair('support', SESSIONS.support)
  await fleet.pair('billing', SESSIONS.billing)

  await fleet.up({ workers: 1 })
  await waitFor('the one worker that is left to run one session', async () => (await readyOnes()) === 1, {
    timeoutMs: 60_000,
  })

  await fleet.up({ workers: 3 })
  for (const session of Object.keys(SESSIONS)) {
    await fleet.untilBack(session)
    expect((await fleet.api.send(session, TO, 'scaled')).status).toBe(200)
  }
})

it('keeps logins and messages in its volumes over down and up', async () => {
  const { body } = await fleet.api.send('sales', TO, 'before down')
  await fleet.compose.run('down')
  await fleet.up({ workers: 3 })
  for (const session of Object.keys(SESSIONS)) await fleet.untilBack(session)
  expect((await fleet.api.get(`/messages/${body.id}`, 'sales')).status).toBe(200)
  expect((await fleet.api.send('sales', TO, 'after up')).status).toBe(200)
  const wire = await fleet.simulator.messages(SESSIONS.sales, TO)
  expect(wire.map(({ body: text }) => text)).toEqual(['scaled', 'before down', 'after up'])
})
