import { pauseQueue } from '@wsg/shared/redis/session/queue-settings.ts'
import { expect } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { workerTest } from './worker-test.ts'

const it = workerTest
  /** The owner has asked more than once what it may do. */
  .extend('severalLooks', ({ rig }) => async (): Promise<void> => {
    const looks = await rig.server.watch()
    await waitFor(
      'two looks',
      () => looks.lines.filter((line) => line.includes('unackedRestarts')).length >= 2,
    )
    looks.end()
  })

const SESSION = 'sales'

it('hands over nothing new from the moment it is told, and finishes what is in flight', async ({ rig }) => {
  const worker = await rig.startWorker({
    settings: { sendsGraceMs: 100 },
    script: (client) => (client.onSend = () => {}),
  })
  const whatsapp = await rig.wantPaired(SESSION)
  await rig.untilView(SESSION, 'ready')
  const ids: string[] = []
  for (let n = 0; n < 40; n++) ids.push(await rig.send(SESSION, `5521${100_000_000 + n}`, String(n)))
  await waitFor('all slots', () => whatsapp.bodies().length === 16)
  expect(await pauseQueue(rig.redis, SESSION, true)).toBe('done')
  await rig.queueSettingsChanged(SESSION)
  for (const id of ids.slice(0, 16)) whatsapp.ack(id, 'sent', worker.clients[0])
  for (const id of ids.slice(0, 16)) await rig.untilState(SESSION, id, 'sent')
  expect(whatsapp.bodies()).toHaveLength(16)
  expect((await rig.record(SESSION, ids[16] as string)).state).toBe('queued')
  await pauseQueue(rig.redis, SESSION, false)
  await rig.queueSettingsChanged(SESSION)
  await waitFor('the next ones', () => whatsapp.bodies().length === 32)
})

it('learns of a pause and its end without being told', async ({ rig, severalLooks }) => {
  await rig.startWorker()
  const whatsapp = await rig.wantPaired(SESSION, { paused: '1' })
  await rig.untilView(SESSION, 'ready')
  const id = await rig.send(SESSION, '5521999990000', 'later')
  await severalLooks()
  expect(whatsapp.bodies()).toEqual([])
  await pauseQueue(rig.redis, SESSION, false)
  await rig.untilState(SESSION, id, 'sent')
})

it('stays paused under another owner', async ({ rig, severalLooks }) => {
  const first = await rig.startWorker()
  const whatsapp = await rig.wantPaired(SESSION, { paused: '1' })
  await rig.untilView(SESSION, 'ready')
  const id = await rig.send(SESSION, '5521999990000', 'later')
  await rig.crash(first, SESSION)
  await rig.startWorker()
  await rig.place(SESSION)
  await rig.untilView(SESSION, 'ready')
  await severalLooks()
  expect(whatsapp.bodies()).toEqual([])
  expect((await rig.record(SESSION, id)).state).toBe('queued')
})

it('refuses to pause what is not there', async ({ rig }) => {
  expect(await pauseQueue(rig.redis, 'nobody', true)).toBe('not_found')
  await rig.wantPaired(SESSION, { deleting: '1' })
  expect(await pauseQueue(rig.redis, SESSION, true)).toBe('deleting')
})
