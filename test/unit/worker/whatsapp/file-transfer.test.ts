import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileTransfer } from '@wsg/worker/src/whatsapp/file-transfer.ts'
import type { OpenedPage } from '@wsg/worker/src/whatsapp/opened-page.ts'
import type { PageCalls } from '@wsg/worker/src/whatsapp/page-calls.ts'
import { expect, onTestFinished, test } from 'vitest'

test('a file is fetched once its folder can be made, though it could not before', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'file-transfer-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const volume = join(folder, 'volume')
  const session = { send: async () => {}, on: () => {}, off: () => {} }
  const browser = { target: () => ({ createCDPSession: async () => session }) }
  const kit = {
    lacksFor: async () => [],
    call: async () => ({ size: 0, mimetype: 'text/plain' }),
    letGoOfFile: async () => {},
  }
  const opened = { kit, page: { browser: () => browser } } as unknown as OpenedPage
  const calls: Pick<PageCalls, 'callUsable'> = { callUsable: async (_name, work) => await work(opened) }
  const files = new FileTransfer({
    ...{ downloadsPath: join(volume, 'downloads'), maxFileBytes: 1, fileRetentionMs: 1, uploadMs: 1 },
    store: {
      stat: async () => null,
      localPath: async () => '',
      put: async () => ({ id: 'f', size: 0, mimetype: 'text/plain', extension: 'txt' }),
    },
    calls: calls as PageCalls,
    user: () => null,
  })
  const fetch = () => files.fetch('3EB0', Date.now() + 30_000)
  await expect(fetch()).rejects.toThrow('ENOENT')
  await mkdir(volume)
  await expect(fetch()).resolves.toMatchObject({ upload: 'f' })
})
