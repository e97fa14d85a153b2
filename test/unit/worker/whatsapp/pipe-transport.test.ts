import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { PipeTransport } from '@wsg/worker/src/whatsapp/browser/pipe-transport.ts'
import { expect, test } from 'vitest'

test('puts messages together from any pieces, in order, and tells the end', async () => {
  const fromBrowser = new PassThrough()
  const toBrowser = new PassThrough()
  const transport = new PipeTransport(toBrowser, fromBrowser)
  const got: string[] = []
  transport.onmessage = (message) => got.push(message)
  const closed = new Promise<void>((resolve) => {
    transport.onclose = resolve
  })
  const bytes = Buffer.from('{"a":"é👋"}\0{"b":2}\0{"c":3}\0')
  for (const byte of bytes) {
    fromBrowser.write(Buffer.of(byte))
    await turn()
  }
  fromBrowser.write('{"d":4}\0{"e":5}\0')
  fromBrowser.end()
  fromBrowser.destroy()
  await closed
  await turn()
  expect(got.slice(0, 3)).toEqual(['{"a":"é👋"}', '{"b":2}', '{"c":3}'])
  transport.send('{"x":1}')
  expect(String(toBrowser.read())).toBe('{"x":1}\0')
})
