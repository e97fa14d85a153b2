import { createLogger } from '@wsg/shared/logger.ts'
import { queues } from '@wsg/shared/redis/keys.ts'
import { type SendJob, SendQueue } from '@wsg/worker/src/queues/send-queue.ts'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { WorkerRig } from './worker-rig.ts'

let rig: WorkerRig
let connection: Redis
const open: SendQueue[] = []
beforeAll(async () => {
  rig = await WorkerRig.start()
})
beforeEach(() => {
  connection = new Redis(rig.server.url, { maxRetriesPerRequest: null })
})
afterEach(async () => {
  for (const queue of open.splice(0)) await queue.close()
  connection.disconnect()
  await rig.reset()
})
afterAll(() => rig.close())

function openQueue(mayFetch = () => true): SendQueue {
  const logger = createLogger('test', 'silent')
  const queue = new SendQueue({ connection, sessionId: 'sales', logger, blockMs: 1_000, mayFetch })
  open.push(queue)
  return queue
}

async function take(queue: SendQueue, count: number): Promise<SendJob[]> {
  const jobs: SendJob[] = []
  while (jobs.length < count) {
    const job = await queue.next()
    if (job !== null) jobs.push(job)
  }
  return jobs
}

const sequencesOf = async (ids: string[]) =>
  await Promise.all(ids.map(async (id) => (await rig.record('sales', id)).sequence))

it('puts the active jobs of a dead owner back at the head, in accepted order, however often', async () => {
  const ids: string[] = []
  for (let i = 0; i < 30; i++) ids.push(await rig.send('sales', '5511999887766', String(i)))
  for (let deaths = 0; deaths < 3; deaths++) {
    await take(openQueue(), 8)
    expect(await openQueue().recoverActive(sequencesOf)).toBe(8)
  }
  const jobs = await take(openQueue(), 30)
  expect(jobs.map(({ messageId }) => messageId)).toEqual(ids)
})

it('removes the active job of a message that has no record', async () => {
  await rig.send('sales', '5511999887766', 'forgotten')
  await take(openQueue(), 1)
  await openQueue().recoverActive(async () => [null])
  expect(await rig.queue(queues.send('sales')).getJobCountByTypes('active', 'waiting', 'completed')).toBe(0)
})

it('takes, finishes and puts back jobs without BullMQ locks', async () => {
  const [first, second] = [await rig.send('sales', '1234567', 'a'), await rig.send('sales', '1234567', 'b')]
  const queue = openQueue()
  const [a, b] = (await take(queue, 2)) as [SendJob, SendJob]
  expect(await rig.redis.keys('*:lock')).toEqual([])
  a.done()
  await b.putBack()
  expect((await take(queue, 1)).map(({ messageId }) => messageId)).toEqual([second])
  expect(await rig.queue(queues.send('sales')).getJob(first)).toBeUndefined()
})

it('takes nothing once it may not', async () => {
  await rig.send('sales', '5511999887766', 'hello')
  const queue = openQueue(() => false)
  expect(await queue.next()).toBeNull()
  expect(await rig.queue(queues.send('sales')).getActiveCount()).toBe(0)
})

it('ends a wait at once when it is closed', async () => {
  const queue = openQueue()
  await queue.next() // finds it empty; the next one blocks
  const waiting = queue.next()
  await queue.close()
  expect(await waiting).toBeNull()
})

it('finishes a job with the command that takes the next one, and soon also where none is taken', async () => {
  const ids = [await rig.send('sales', '1234567', 'a'), await rig.send('sales', '1234567', 'b')]
  const queue = openQueue()
  const [a] = (await take(queue, 1)) as [SendJob]
  const seen = await rig.watch()
  a.done()
  const [b] = (await take(queue, 1)) as [SendJob]
  expect(b.messageId).toBe(ids[1])
  const asked = () => seen.lines.filter((line) => line.includes('"evalsha"') || line.includes('"eval"'))
  await waitFor('the command to be seen', () => asked().length > 0)
  expect(asked()).toHaveLength(1)
  b.done()
  await waitFor('the last one to be gone', async () => {
    return (await rig.queue(queues.send('sales')).getJobCountByTypes('active', 'waiting', 'completed')) === 0
  })
  seen.end()
})

it('finishes nothing by taking a job once it may not take any', async () => {
  for (const text of ['a', 'b']) await rig.send('sales', '1234567', text)
  let mayFetch = true
  const queue = openQueue(() => mayFetch)
  const [a] = (await take(queue, 1)) as [SendJob]
  mayFetch = false
  a.done()
  expect(await queue.next()).toBeNull()
  expect(await rig.queue(queues.send('sales')).getJobCounts('active', 'waiting')).toMatchObject({
    active: 0,
    waiting: 1,
  })
})
