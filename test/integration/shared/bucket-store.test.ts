import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
// Loads undici, which serves every `fetch` of its process from then on.
import '@wsg/gateway/src/http/guarded-fetch.ts'
import { type BucketSettings, BucketStore } from '@wsg/shared/media/bucket-store.ts'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { BUCKET_KEY, startBucket } from '../../support/bucket.ts'
import { sha256 } from '../../support/sha256.ts'

const PDF = Buffer.from('%PDF-1.7\n')
const HOUR_MS = 3_600_000

const root = mkdtempSync(join(tmpdir(), 'bucket-'))
let server: Awaited<ReturnType<typeof startBucket>>
beforeAll(async () => {
  server = await startBucket(join(root, 'bucket'))
})
afterAll(async () => {
  await server.close()
  rmSync(root, { recursive: true })
})

/** As a machine of its own has it. */
const storeOf = (machine: string, more: Partial<BucketSettings> = {}) =>
  new BucketStore({
    ...{ endpoint: server.endpoint, region: 'us-east-1', ...BUCKET_KEY },
    ...{ quotaBytes: Number.POSITIVE_INFINITY, folder: join(root, machine), ...more },
  })
const put = (store: BucketStore, bytes: Buffer, untilMs = Date.now() + HOUR_MS) =>
  store.put([bytes] as never, { maxBytes: 30_000_000, untilMs })

test('a file that one machine stores is found by another, byte for byte, under its hash and with its type', async () => {
  const file = { id: sha256(PDF), size: PDF.length, mimetype: 'application/pdf', extension: 'pdf' }
  expect(await put(storeOf('a'), PDF)).toEqual(file)
  const other = storeOf('b')
  expect(await other.stat(file.id)).toEqual(file)
  expect(readFileSync(await other.localPath(file.id))).toEqual(PDF)
  expect(await buffer(await storeOf('c').open(file.id))).toEqual(PDF)
  expect(await other.stat('0'.repeat(64))).toBeNull()
  expect(await other.keep('0'.repeat(64), Date.now() + HOUR_MS)).toBeNull()
  const large = randomBytes(20_000_000)
  const { id } = await put(storeOf('a'), large)
  expect(large.equals(readFileSync(await other.localPath(id)))).toBe(true)
})

test('a file is kept as long as the longest that anybody wants it, and deleted an hour later', async () => {
  const store = storeOf('a')
  const { id } = await put(store, Buffer.from('for long'), Date.now() - 2 * HOUR_MS)
  expect(await store.stat(id)).toBeNull()
  const kept = await put(store, Buffer.from('for longer'))
  await storeOf('b').keep(kept.id, Date.now() + 3 * HOUR_MS)
  await put(store, Buffer.from('for longer'), Date.now() - 2 * HOUR_MS)
  expect(await store.removeExpired()).toBe(1)
  expect(await storeOf('fresh').stat(kept.id)).not.toBeNull()
  await expect(storeOf('fresh').localPath(id)).rejects.toThrow()
})

test('a file whose bytes did not reach the bucket is stored when it is brought again', async () => {
  const bytes = Buffer.from('brought twice')
  const { fetch: unhurt } = globalThis
  const broken = vi.spyOn(globalThis, 'fetch').mockImplementation(async (address, request) => {
    if (request?.method === 'PUT' && String(address).includes('/files/files/'))
      throw new TypeError('fetch failed')
    return await unhurt(address, request)
  })
  await expect(put(storeOf('a'), bytes)).rejects.toThrow()
  broken.mockRestore()
  const { id } = await put(storeOf('a'), bytes)
  expect(readFileSync(await storeOf('other').localPath(id))).toEqual(bytes)
})

test('nothing more is taken than the quota allows, and nothing that was signed with another key', async () => {
  // Beside these there may be 20 MB of another test.
  await put(storeOf('a'), randomBytes(20_000_000))
  const store = storeOf('a', { quotaBytes: 45_000_000 })
  await expect(put(store, randomBytes(29_000_000))).rejects.toMatchObject({ reason: 'store_full' })
  await put(store, Buffer.from('small'))
  await expect(put(storeOf('a', { quotaBytes: 1_000 }), PDF)).rejects.toMatchObject({ reason: 'store_full' })
  for (const stranger of [{ accessKeyId: 'nobody' }, { secretAccessKey: 'guessed' }, { region: 'eu-west-1' }])
    await expect(put(storeOf('d', stranger), Buffer.from('x'))).rejects.toThrow()
  expect(await storeOf('e').stat(sha256(Buffer.from('x')))).toBeNull()
})
