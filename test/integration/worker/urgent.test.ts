import { keys } from '@wsg/shared/redis/keys.ts'
import { describe, expect } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import type { WorkerScript } from './worker-rig.ts'
import { workerTest } from './worker-test.ts'

const it = workerTest
  .extend(
    'ready',
    ({ rig }) =>
      (script: WorkerScript) =>
        rig.ready({ settings: { sendsGraceMs: 100 }, ...script }),
  )
  /** Messages to as many chats, none of which is acked before `let go`. */
  .extend('fill', ({ rig }) => async (count: number): Promise<string[]> => {
    const ids: string[] = []
    for (let n = 0; n < count; n++) ids.push(await rig.send(SESSION, stranger(n), `other ${n}`))
    return ids
  })

const SESSION = 'sales'
const ANNA = '5511111111111'
const urgent = { urgent: '1' } as const

const stranger = (n: number) => `5521${String(n).padStart(9, '0')}`

describe('an urgent message', () => {
  it('overtakes a thousand waiting messages of other chats, behind the older ones of its own', async ({
    rig,
    ready,
    fill,
  }) => {
    const held: string[] = []
    let isOpen = false
    const [worker, whatsapp] = await ready({
      script: (client) => {
        client.onSend = ({ messageId }) => {
          if (isOpen) whatsapp.ack(messageId, 'sent', client)
          else held.push(messageId)
        }
      },
    })
    await fill(999)
    const older = [
      await rig.send(SESSION, ANNA, 'older 1'),
      await rig.send(SESSION, `+${ANNA}`, 'older 2'),
      await rig.send(SESSION, `${ANNA}@c.us`, 'older 3'),
    ]
    const first = await rig.send(SESSION, ANNA, 'urgent 1', urgent)
    const second = await rig.send(SESSION, stranger(5_000), 'urgent 2', urgent)
    await rig.send(SESSION, ANNA, 'newer')
    await waitFor('all slots to be taken', () => held.length === 16)
    await waitFor('the urgent ones to be taken up', async () => {
      // One turn at a time, so that who goes next is seen.
      const next = held.shift()
      if (next !== undefined) whatsapp.ack(next, 'sent', worker.clients[0])
      return whatsapp.bodies().includes('urgent 1') && whatsapp.bodies().includes('urgent 2')
    })
    isOpen = true
    for (const id of held.splice(0)) whatsapp.ack(id, 'sent', worker.clients[0])
    for (const id of [...older, first, second]) await rig.untilState(SESSION, id, 'sent')
    expect(whatsapp.bodies(`${ANNA}@c.us`).slice(0, 4)).toEqual(['older 1', 'older 2', 'older 3', 'urgent 1'])
    expect(whatsapp.bodies().indexOf('urgent 1')).toBeLessThan(400)
    await waitFor('everything to be sent', () => whatsapp.bodies().length === 1_005, { timeoutMs: 30_000 })
    expect(whatsapp.bodies(`${ANNA}@c.us`)).toEqual(['older 1', 'older 2', 'older 3', 'urgent 1', 'newer'])
    expect(new Set(whatsapp.bodies()).size).toBe(1_005)
    await waitFor('no job to be left', async () => {
      const counts = await rig.queue(`send-{${SESSION}}`).getJobCounts('wait', 'active')
      return counts.wait === 0 && counts.active === 0
    })
    expect(await rig.redis.exists(keys.urgent(SESSION))).toBe(0)
  })

  it('goes first that was accepted while no worker was there, and behind its chat under every known spelling', async ({
    rig,
    fill,
  }) => {
    const whatsapp = await rig.wantPaired(SESSION)
    whatsapp.numbers.set(ANNA, { chatId: `${ANNA}@c.us`, lid: '777777@lid' })
    const byNumber = await rig.send(SESSION, ANNA, 'first of all')
    await fill(300)
    await rig.send(SESSION, '777777@lid', 'older, by its other name')
    await rig.send(SESSION, ANNA, 'urgent', urgent)
    await rig.startWorker()
    await rig.untilState(SESSION, byNumber, 'sent')
    await waitFor('the urgent one', () => whatsapp.bodies().includes('urgent'))
    const mine = whatsapp.bodies().filter((body) => !body.startsWith('other'))
    expect(mine).toEqual(['first of all', 'older, by its other name', 'urgent'])
    expect(whatsapp.bodies().indexOf('urgent')).toBeLessThan(100)
  })

  it('keeps its place through a takeover', async ({ rig, ready, fill }) => {
    const [first] = await ready({ script: (client) => (client.onSend = () => {}) })
    await fill(300)
    await waitFor('all slots', () => rig.whatsappOf(SESSION).bodies().length === 16)
    await rig.send(SESSION, ANNA, 'older')
    const id = await rig.send(SESSION, ANNA, 'urgent', urgent)
    await rig.crash(first, SESSION)
    const before = rig.whatsappOf(SESSION).bodies().length
    await rig.startWorker()
    await rig.place(SESSION)
    await rig.untilState(SESSION, id, 'sent')
    const bodies = rig.whatsappOf(SESSION).bodies().slice(before)
    expect(bodies.indexOf('urgent')).toBeLessThan(60)
    expect(bodies.indexOf('older')).toBeLessThan(bodies.indexOf('urgent'))
    expect(bodies.filter((body) => body === 'urgent')).toHaveLength(1)
  })

  it('is not sent at all where it was canceled after it was taken up', async ({ rig, ready, fill }) => {
    const [worker, whatsapp] = await ready({ script: (client) => (client.onSend = () => {}) })
    const [head] = await fill(20)
    await waitFor('all slots', () => whatsapp.bodies().length === 16)
    const id = await rig.send(SESSION, stranger(0), 'urgent', urgent)
    await rig.cancel(SESSION, id)
    whatsapp.ack(head as string, 'sent', worker.clients[0])
    await waitFor('the next one', () => whatsapp.bodies().length === 17)
    expect(whatsapp.bodies()).not.toContain('urgent')
    expect((await rig.record(SESSION, id)).state).toBe('canceled')
  })
})
