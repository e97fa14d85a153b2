import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Stack } from '../support/stack.ts'
import { startSupervisor } from '../support/supervisor.ts'
import { waitFor } from '../support/wait-for.ts'

const PHONE = '5511911111111'
const CUSTOMER = '5511999887766'

describe('a login on the volume', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await Stack.start()
  })
  afterAll(async () => {
    await stack.close()
  })

  it('is restored by a send without a QR code after Redis lost everything', async () => {
    await stack.pair('sales', PHONE)
    await stack.stop()
    await rm(join(stack.dataDir, 'redis'), { recursive: true, force: true })
    await stack.start()
    const listed = await stack.api.get('/sessions')
    expect(listed.body.items).toMatchObject([
      { sessionId: 'sales', status: 'stopped', reason: 'saved_login' },
    ])
    const { status, body } = await stack.api.send('sales', CUSTOMER, 'restored')
    expect([200, 202]).toContain(status)
    await waitFor('the message to arrive', async () => {
      const arrived = await stack.simulator.messages(PHONE, CUSTOMER)
      return arrived.some((message) => message.id === body.id && message.copies === 1)
    })
  })

  it('is never opened by the sandbox', async () => {
    await stack.stop()
    const sandbox = await startSupervisor(['--sandbox'], { DATA_DIR: stack.dataDir, PORT: '0' })
    await expect(sandbox.printed(/^Address: (\S+)$/m)).rejects.toThrow(/belongs to the real WhatsApp/)
  })
})

describe('a WhatsApp that cannot be reached', () => {
  it('is told within a minute', async () => {
    const stack = await Stack.start({
      env: { CHROMIUM_ARGS: "'--host-resolver-rules=MAP web.whatsapp.com 127.0.0.1:1'" },
    })
    try {
      await stack.api.get('/qr?wait=1', 'sales')
      const failed = await stack.api.until('sales', 'failed', 60_000)
      expect(failed.reason).toBe('whatsapp_unreachable')
    } finally {
      await stack.close()
    }
  })
})
