import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createLogger } from '@wsg/shared/logger.ts'
import { ClientClosed } from '@wsg/worker/src/whatsapp/client-errors.ts'
import { PageClient } from '@wsg/worker/src/whatsapp/page-client.ts'
import { expect, onTestFinished, test, vi } from 'vitest'

const servers = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length

test('nothing listens any more for a client that was closed while its proxy was tried', async () => {
  const proxy = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void proxy.close())
  await once(proxy, 'listening')
  const before = servers()
  const client = new PageClient({
    ...{ profilePath: '', lockPath: '', downloadsPath: '', world: 'sandbox', chromiumArgs: [] },
    ...{ maxFileBytes: 1, fileRetentionMs: 1 },
    proxy: { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, mayBePrivate: true },
    store: { stat: vi.fn(), localPath: vi.fn(), put: vi.fn() },
    logger: createLogger('page-client', 'silent'),
    onBrowserPid: () => {},
    loadLibraries: vi.fn(),
  })
  const asked = once(proxy, 'connection') as Promise<[Socket]>
  const opened = client.open()
  const [socket] = await asked
  await Promise.all([client.close(), expect(opened).rejects.toBeInstanceOf(ClientClosed)])
  const ended = once(socket.resume(), 'close')
  socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
  await ended
  await expect.poll(servers).toBe(before)
})
