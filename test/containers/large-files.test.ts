import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ContainerFleet, TOKEN } from './container-fleet.ts'
import { inspect, outOfMemorySince, shell } from './docker.ts'

const SESSION = 'files'
const PHONE = '5511911111111'
const MARIA = '5511999887766'
const MB = 1_000_000
/** What the kernel counts for the cap, in bytes, the page cache left out, which it gives back on demand. */
const USED =
  "cat /sys/fs/cgroup/memory.stat /sys/fs/cgroup/memory/memory.stat 2>/dev/null | awk '/^(rss|anon) /{ sum += $2 } END { print sum }'"

let fleet: ContainerFleet
beforeAll(async () => {
  fleet = await ContainerFleet.start({ workers: 1, gateways: 1 })
  await fleet.pair(SESSION, PHONE)
})
afterAll(async () => {
  await fleet?.close()
})

const ask = async (path: string, init: RequestInit = {}) => {
  const headers = { ...init.headers, authorization: `Bearer ${TOKEN}`, 'x-session-id': SESSION }
  return await fetch(fleet.api.address + path, { ...init, headers })
}
const documentOf = (bytes: number) => Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(bytes - 9)])
/** @returns WhatsApp's id of the message, once it has it */
const send = async (bytes: Buffer<ArrayBuffer>) => {
  const upload = await ask('/media', { method: 'POST', body: bytes })
  const media = { upload: ((await upload.json()) as { id: string }).id }
  const { body } = await fleet.api.send(SESSION, MARIA, { type: 'document', media })
  return await fleet.untilSent(SESSION, String(body.id))
}

it('moves 100 MB into a page and out of it, and 20 files of 16 MB in, in a worker of 512 MB, and nothing is killed', {
  timeout: 420_000,
}, async () => {
  const container = await fleet.workerOf(SESSION)
  expect((await inspect(container)).HostConfig.Memory).toBe(512 * 1_048_576)
  const since = Date.now()
  const idle = Number(await shell(container, USED))
  let peak = idle
  let isOver = false
  const sampled = (async () => {
    while (!isOver) {
      const used = Number(await shell(container, USED).catch(() => 0))
      peak = Math.max(peak, used)
    }
  })()
  const took = async <T>(what: string, work: () => Promise<T>) => {
    peak = idle
    const began = performance.now()
    const done = await work()
    const seconds = ((performance.now() - began) / 1_000).toFixed(1)
    console.log(
      `${what}: ${seconds} s, at most ${(peak / 1_048_576).toFixed(0)} MiB (${(peak / idle).toFixed(2)} × idle)`,
    )
    return done
  }

  const bytes = documentOf(100 * MB)
  const messageId = await took('100 MB in', () => send(bytes))
  // So that it has to come out of the page.
  await shell(container, 'rm /app/media/*')
  const fetched = await took('100 MB out', async () => {
    const answer = await ask(`/messages/${encodeURIComponent(messageId)}/media`)
    return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) }
  })
  expect(fetched.status).toBe(200)
  expect(bytes.equals(fetched.bytes)).toBe(true)

  await took('20 times 16 MB in', async () => {
    for (let n = 0; n < 20; n++) await send(documentOf(16 * MB))
  })
  isOver = true
  await sampled
  expect(await outOfMemorySince(since)).toEqual([])
  expect(await fleet.workerOf(SESSION)).toBe(container)
  const { body } = await fleet.api.get('/status', SESSION)
  expect(JSON.stringify(body.history)).not.toMatch(/memory|recycled/)
})
