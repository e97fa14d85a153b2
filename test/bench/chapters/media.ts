import { randomBytes } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'
import { RECYCLE_NOW_SHARE } from '@wsg/shared/sessions/memory-shares.ts'
import { processTreeMemoryMb } from '@wsg/worker/src/memory/process-memory.ts'
import { alternate, median, spread } from '../figures.ts'
import type { BenchSetting, ChapterResult, Finding } from '../finding.ts'
import { Ground } from '../ground.ts'
import { customers, phone } from '../phones.ts'
import type { Program } from '../program.ts'
import { RawSession } from '../raw-session.ts'

const SESSION = 'media'
const MB = 1_000_000
const LARGE_MB = 100
const SAMPLE_EVERY_MS = 50
/** Of a worker's 512 MB: above it a browser is replaced. */
const RECYCLED_FROM_MB = 512 * RECYCLE_NOW_SHARE

/** Files to their ack, over HTTP and over the stock library alone, and what a worker takes while a large one is under way. */
export async function media({ quick, note }: BenchSetting): Promise<ChapterResult> {
  const rounds = quick ? 2 : 5
  await using ground = await Ground.start()
  const worker = await ground.startSession(SESSION, phone(1))
  await using raw = await RawSession.paired(ground.simulator, phone(2))
  const findings: Finding[] = []
  const kinds = [
    { what: 'an image of 1 MB', type: 'image', mimetype: 'image/png', make: () => picture(MB), count: 5 },
    {
      ...{ what: 'a document of 16 MB', type: 'document', mimetype: 'application/pdf', count: 1 },
      make: () => document(16 * MB),
    },
  ]
  for (const { what, type, mimetype, make, count } of kinds) {
    note(`${what}, ${rounds} rounds on each side`)
    const bytes = make()
    const upload = await put(ground, bytes)
    const ours = async () => {
      const latencies: number[] = []
      for (let n = 0; n < count; n++) {
        const since = performance.now()
        await sendFile(ground, type, upload)
        latencies.push(performance.now() - since)
      }
      return median(latencies)
    }
    const theirs = async () => median(await raw.sendFile(customers(1), { mimetype, bytes, count }))
    await ours()
    await theirs()
    const { ours: our, theirs: their, ratios } = await alternate(rounds, ours, theirs)
    findings.push({
      what: `${what}, uploaded before, \`POST /send\` to its ack: median`,
      ours: `${median(our).toFixed(0)} ms`,
      baseline: `${median(their).toFixed(0)} ms raw`,
      figure: median(ratios),
      unit: '×',
      budget: { atMost: 1 },
      note: spread(ratios),
    })
  }

  note(`${LARGE_MB} MB into the page and out of it`)
  const idle = (await processTreeMemoryMb(worker.pid)) ?? Number.NaN
  const bytes = document(LARGE_MB * MB)
  const upload = await put(ground, bytes)
  const sent = await peakWhile(worker, () => sendFile(ground, 'document', upload))
  const messageId = await received(ground, bytes)
  const fetched = await peakWhile(worker, async () => {
    const answer = await ask(ground, `/messages/${messageId}/media`)
    if (!bytes.equals(Buffer.from(await answer.arrayBuffer()))) throw new Error('another file came back')
  })
  for (const [way, { peakMb, ms }] of [
    ['into the page', sent],
    ['out of the page', fetched],
  ] as const)
    findings.push({
      what: `worker and Chromium at their peak, a document of ${LARGE_MB} MB ${way} (PSS)`,
      ours: `${peakMb} MB`,
      baseline: `${idle} MB before`,
      figure: peakMb,
      unit: 'MB',
      budget: { atMost: RECYCLED_FROM_MB },
      note: `${(peakMb / idle).toFixed(2)} × in ${(ms / 1_000).toFixed(1)} s`,
    })
  return { findings }
}

async function peakWhile(
  { pid }: Program,
  work: () => Promise<void>,
): Promise<{ peakMb: number; ms: number }> {
  let peakMb = 0
  let isOver = false
  const sampled = (async () => {
    while (!isOver) {
      peakMb = Math.max(peakMb, (await processTreeMemoryMb(pid)) ?? 0)
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_EVERY_MS))
    }
  })()
  const since = performance.now()
  await work()
  const ms = performance.now() - since
  isOver = true
  await sampled
  return { peakMb, ms }
}

async function put(ground: Ground, bytes: Buffer<ArrayBuffer>): Promise<string> {
  const answer = await ask(ground, '/media', { method: 'POST', body: bytes })
  return ((await answer.json()) as { id: string }).id
}

async function sendFile(ground: Ground, type: string, upload: string): Promise<void> {
  const message = { type, media: { upload } }
  await ask(ground, '/send?wait=server', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ to: customers(1)[0], message }),
  })
}

/** Somebody sends a file to the account. @returns WhatsApp's full id of the message */
async function received({ simulator }: Ground, bytes: Buffer): Promise<string> {
  const [from = ''] = customers(1)
  const response = await fetch(`${simulator.url}/inbound`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ account: phone(1), from },
      media: { mimetype: 'application/pdf', data: bytes.toString('base64'), filename: 'large.pdf' },
    }),
  })
  const { message } = (await response.json()) as { message: { id: string } }
  return `false_${from}@c.us_${message.id}`
}

/** @throws where it is not answered with 200 or 201 */
async function ask({ port, token }: Ground, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { ...init.headers, authorization: `Bearer ${token}`, 'x-session-id': SESSION }
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers })
  if (answer.status > 201) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return answer
}

function document(bytes: number): Buffer<ArrayBuffer> {
  return Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(bytes - 9)])
}

/** A PNG of noise that is about so large. */
function picture(bytes: number): Buffer<ArrayBuffer> {
  const side = Math.floor(Math.sqrt(bytes / 3))
  const rows = Buffer.concat(
    Array.from({ length: side }, () => Buffer.concat([Buffer.alloc(1), randomBytes(side * 3)])),
  )
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  // 8 bits a channel, RGB.
  header.set([8, 2], 8)
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 0 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), data])
  const around = Buffer.alloc(8)
  around.writeUInt32BE(data.length, 0)
  around.writeUInt32BE(crc32(named), 4)
  return Buffer.concat([around.subarray(0, 4), named, around.subarray(4)])
}
