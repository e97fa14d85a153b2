import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ApiClient } from '../support/api-client.ts'
import { descendants, isAlive, listProcesses } from '../support/processes.ts'
import { startSupervisor } from '../support/supervisor.ts'
import { waitFor } from '../support/wait-for.ts'

it('npm run sandbox prints an address, a token and a phone page that together send a message', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'sandbox-'))
  await chmod(dataDir, 0o711) // root's browsers run as nobody
  const supervisor = await startSupervisor(['--sandbox'], { DATA_DIR: dataDir, PORT: '0' })
  try {
    const address = await supervisor.printed(/^Address: (\S+)$/m)
    const api = new ApiClient(address, await supervisor.printed(/^Token: (\S+)$/m))
    const phonePage = await supervisor.printed(/^Phone page: (\S+?)\/?$/m)
    expect(supervisor.output).toContain('curl')
    expect(supervisor.output).not.toContain('Warning')
    expect((await fetch(phonePage)).headers.get('content-type')).toContain('text/html')

    const { body } = await waitFor('a code', async () => {
      const answer = await api.get('/qr', 'my-session')
      return typeof answer.body.code === 'string' && answer
    })
    const scanned = await fetch(`${phonePage}/scan`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ qr: body.code, phone: '5511911111111' }),
    })
    expect(scanned.status).toBe(200)
    await api.until('my-session', 'ready')
    const environments = descendants(listProcesses(), [supervisor.pid])
      .filter(({ command }) => !command.some((word) => word.endsWith('gateway/src/main.ts')))
      .map(({ pid }) => readFileSync(`/proc/${pid}/environ`, 'utf8'))
    expect(environments.length).toBeGreaterThan(3)
    expect(environments.filter((environment) => environment.includes('API_TOKEN'))).toEqual([])
    expect((await api.send('my-session', '5511999887766', 'Hello from the sandbox')).status).toBe(200)
  } finally {
    const below = descendants(listProcesses(), [supervisor.pid])
    expect(await supervisor.interrupt()).toBe(0)
    expect(below.filter(({ pid }) => isAlive(pid))).toEqual([])
    await rm(dataDir, { recursive: true, force: true })
  }
})
