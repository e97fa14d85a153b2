import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { startSimulator } from '../simulator/simulator.ts'
import { reservePort } from '../support/reserve-port.ts'
import { walkGround } from './walk-ground.ts'

const MAIN = join(import.meta.dirname, '../simulator/main.ts')

async function refusal(url: string, body?: string): Promise<{ status: number; error: string }> {
  const init =
    body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body }
  const response = await fetch(url, init)
  return { status: response.status, error: ((await response.json()) as { error: string }).error }
}

describe('the control API', () => {
  test('refuses unknown settings and wrong values by name, and changes nothing', async () => {
    await using ground = await walkGround()
    const { url } = ground.simulator
    expect(await refusal(`${url}/settings`, '{"dedupe": false, "speed": 9}')).toEqual({
      status: 400,
      error: expect.stringContaining('speed'),
    })
    expect(await refusal(`${url}/settings`, '{"dedupe": false, "syncDelayMs": -1}')).toEqual({
      status: 400,
      error: expect.stringContaining('syncDelayMs'),
    })
    expect(await ground.control.settings({})).toMatchObject({ dedupe: true, syncDelayMs: 600 })
    await expect(
      startSimulator({ dataDir: join(ground.folder, 'x'), settings: JSON.parse('{"speed":9}') }),
    ).rejects.toThrow('speed')
  })

  test('says what is wrong with a request', async () => {
    await using ground = await walkGround()
    const { url } = ground.simulator
    expect(await refusal(`${url}/scan`, '{"qr": "x", "phone": "+49 170"}')).toMatchObject({ status: 400 })
    expect(await refusal(`${url}/scan`, '{"phone": "491701234567"}')).toMatchObject({ status: 400 })
    expect(await refusal(`${url}/scan`, '{')).toEqual({ status: 400, error: 'the body is no JSON' })
    expect(await refusal(`${url}/scan`, '{"qr": "x", "phone": "491701234567"}')).toMatchObject({
      status: 404,
    })
    expect(
      await refusal(`${url}/inbound`, '{"account": "491701234567", "from": "15550001111", "body": "x"}'),
    ).toEqual({
      status: 404,
      error: 'there is no account 491701234567',
    })
    expect(await refusal(`${url}/messages?to=abc`)).toMatchObject({ status: 404 })
    expect(await refusal(`${url}/messages?too=1`)).toMatchObject({ status: 400 })
    expect(await refusal(`${url}/nowhere`)).toEqual({ status: 404, error: 'there is no GET /nowhere' })
  })

  test('what is done to a message by hand is done by whom WhatsApp lets do it', async () => {
    await using ground = await walkGround()
    const { url } = ground.simulator
    const [ann, bob] = ['491701234567', '15550001111']
    const post = (path: string, body: object) => refusal(`${url}${path}`, JSON.stringify(body))
    await post('/phones', { phone: ann })
    const poll = { question: 'Tea?', options: ['Yes', 'No'] }
    const { id } = await ground.control.inboundContent(ann, bob, { poll })
    expect(await post(`/messages/${id}/edit`, { by: ann, body: 'x' })).toMatchObject({ status: 403 })
    expect(await post(`/messages/${id}/revoke`, { by: ann })).toMatchObject({ status: 403 })
    expect(await post(`/messages/${id}/reaction`, { by: '15550002222', emoji: '👍' })).toMatchObject({
      status: 403,
    })
    expect(await post(`/messages/${id}/vote`, { by: ann, options: ['Perhaps'] })).toMatchObject({
      status: 400,
    })
    expect(await post(`/messages/3A00/vote`, { by: ann, options: [] })).toMatchObject({ status: 404 })
    expect(await post(`/messages/${id}/vote`, { by: ann, options: ['No'] })).toMatchObject({ status: 200 })
    expect((await ground.control.messages(bob, ann)).at(0)).toMatchObject({ type: 'poll_creation' })
    expect((await ground.control.messages(ann, bob)).at(-1)).toMatchObject({
      ...{ type: 'poll_update', from: ann },
      extras: { target: { id, writer: bob }, addOn: { selectedOptionLocalIds: [1] } },
    })
    const two = { account: ann, from: bob, body: 'x', poll }
    expect(await post('/inbound', two)).toMatchObject({ status: 400 })
  })

  test('a restart on the same folder keeps port, certificate, accounts, settings and messages', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'simulator-walk-'))
    try {
      const port = await reservePort()
      const first = await startSimulator({ dataDir, port, settings: { dedupe: false } })
      await fetch(`${first.url}/phones`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"phone": "491701234567", "pushName": "Ann"}',
      })
      await fetch(`${first.url}/inbound`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"account": "491701234567", "from": "15550001111", "body": "kept"}',
      })
      await first.close()
      const second = await startSimulator({ dataDir })
      expect([second.url, second.chromiumArgs]).toEqual([first.url, first.chromiumArgs])
      const read = async (path: string) => (await fetch(`${second.url}${path}`)).json()
      // Node's fetch keeps the first server's connections until it has noticed that they are closed.
      await vi.waitFor(() => read('/settings'))
      expect(await read('/accounts')).toMatchObject({
        accounts: [{ account: '491701234567', pushName: 'Ann' }],
      })
      expect(await read('/messages')).toMatchObject({ messages: [{ body: 'kept' }] })
      expect(await read('/settings')).toMatchObject({ dedupe: false })
      await second.close()
    } finally {
      rmSync(dataDir, { recursive: true })
    }
  })

  test.each(['SIGTERM', 'SIGINT', 'disconnect'] as const)(
    'as a process it prints where it listens on one line and ends cleanly on %s',
    async (ending) => {
      const dataDir = mkdtempSync(join(tmpdir(), 'simulator-walk-'))
      const child = fork(MAIN, ['--data', dataDir, '--build', '2026-07'], { silent: true })
      try {
        const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer]
        const { url, chromiumArgs } = JSON.parse(String(line)) as { url: string; chromiumArgs: string[] }
        expect(chromiumArgs[0]).toBe(`--host-resolver-rules=MAP web.whatsapp.com ${new URL(url).host}`)
        expect(await (await fetch(`${url}/settings`)).json()).toMatchObject({ build: '2026-07' })
        const exit = once(child, 'exit')
        if (ending === 'disconnect') child.disconnect()
        else child.kill(ending)
        expect(await exit).toEqual([0, null])
      } finally {
        child.kill('SIGKILL')
        rmSync(dataDir, { recursive: true })
      }
    },
  )
})
