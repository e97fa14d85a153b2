import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { FolderStore } from '@wsg/shared/media/folder-store.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sha256 } from '../../../support/sha256.ts'

const PDF = Buffer.from('%PDF-1.7\n')
const inMs = (ms: number) => Date.now() + ms
async function* pieces(...all: (Buffer | Error)[]) {
  for (const piece of all) {
    if (piece instanceof Error) throw piece
    yield piece
  }
}

let folder: string
let store: FolderStore
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'media-store-'))
  store = new FolderStore(join(folder, 'media'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const put = (bytes: Buffer, untilMs = inMs(60_000)) =>
  store.put(pieces(bytes.subarray(0, 3), bytes.subarray(3)), { maxBytes: 100, untilMs })

test('a file is found under the hash of its bytes, with the type that they tell', async () => {
  const file = { id: sha256(PDF), size: PDF.length, mimetype: 'application/pdf', extension: 'pdf' }
  expect(await put(PDF)).toEqual(file)
  expect(await put(PDF)).toEqual(file)
  expect(await store.stat(file.id)).toEqual(file)
  expect(await buffer(await store.open(file.id))).toEqual(PDF)
})

test('nothing more is taken than the quota allows; the same bytes again cost nothing', async () => {
  const limits = { maxBytes: 100, untilMs: inMs(60_000) }
  store = new FolderStore(join(folder, 'media'), 12)
  await store.put(pieces(PDF), limits)
  await expect(store.put(pieces(Buffer.from('more')), limits)).rejects.toMatchObject({ reason: 'store_full' })
  await store.put(pieces(Buffer.from('abc')), limits)
  await expect(store.put(pieces(Buffer.from('d')), limits)).rejects.toMatchObject({ reason: 'store_full' })
  const other = new FolderStore(join(folder, 'media'), 12)
  await expect(other.put(pieces(Buffer.from('d')), limits)).rejects.toMatchObject({ reason: 'store_full' })
})

test('bytes that tell nothing are an octet-stream', async () => {
  expect(await put(Buffer.from('a,b\n1,2\n'))).toMatchObject({
    mimetype: 'application/octet-stream',
    extension: '',
  })
})

test('nothing is left of what is empty, too large or cut off', async () => {
  const limits = { maxBytes: 8, untilMs: inMs(60_000) }
  await expect(store.put(pieces(), limits)).rejects.toMatchObject({ reason: 'empty' })
  await expect(store.put(pieces(PDF), limits)).rejects.toMatchObject({ reason: 'too_large' })
  await expect(store.put(pieces(Buffer.from('x'), new Error('cut')), limits)).rejects.toThrow('cut')
  expect(await readdir(join(folder, 'media'))).toEqual([])
})

test('a file is removed when its time is over, and not before', async () => {
  const { id } = await put(PDF, inMs(60_000))
  const other = await put(Buffer.from('other'), inMs(-1))
  expect(await store.removeExpired()).toBe(1)
  expect(await store.stat(other.id)).toBeNull()
  expect(await store.stat(id)).not.toBeNull()
})

test('a file is kept for as long as was last asked, never shorter, and its own time is left alone', async () => {
  const { id } = await put(PDF, inMs(60_000))
  const { mtimeMs } = await stat(store.pathOf(id))
  await store.keep(id, inMs(600_000))
  await store.keep(id, inMs(-1))
  await put(Buffer.from('other'), inMs(-1))
  expect(await store.removeExpired()).toBe(1)
  expect((await store.keep(id, inMs(1)))?.id).toBe(id)
  expect((await stat(store.pathOf(id))).mtimeMs).toBe(mtimeMs)
})

test('what is not kept any more cannot be kept again, and can be stored again', async () => {
  const { id } = await put(PDF, inMs(-1))
  expect(await store.keep(id, inMs(60_000))).toBeNull()
  await put(PDF)
  expect(await store.stat(id)).not.toBeNull()
})

test('other users may read a file whose name they know, and list none', async () => {
  const { id } = await put(PDF)
  expect((await stat(store.pathOf(id))).mode & 0o777).toBe(0o644)
  expect((await stat(join(folder, 'media'))).mode & 0o777).toBe(0o711)
})

test('no path leads out of the folder', () => {
  expect(() => store.pathOf('../profiles')).toThrow()
})
