/**
 * The baseline: stock whatsapp-web.js with none of our code, in a process of its own as a service would run it, on the
 * same Chromium, pipe included. Told what to do over its channel; ends when that is closed.
 */

import { readFile } from 'node:fs/promises'
import wweb, { type Client, type Message } from 'whatsapp-web.js'
import { chromium } from '../support/chromium.ts'
import type { RawCommand, RawRead, RawResult } from './raw-session.ts'

const { RAW_FOLDER = '', RAW_CHROMIUM_ARGS = '[]', RAW_EXECUTABLE } = process.env

let client: Client
/** By message id: whoever waits for its first ack, or `true` where that came before anybody waited. */
const acked = new Map<string, true | (() => void)>()

process.on('message', (command: RawCommand) => {
  carryOut(command).then(
    (values) => process.send?.({ values } satisfies RawResult),
    (error: unknown) => process.send?.({ error: String(error) } satisfies RawResult),
  )
})
process.once('disconnect', () => process.exit())

async function carryOut(command: RawCommand): Promise<number[]> {
  switch (command.do) {
    case 'qr':
      return [await untilQr()]
    case 'scan':
      return await scanned(command)
    case 'send':
      return await sendOneAfterAnother(command)
    case 'sendFile':
      return await sendFile(command)
    case 'read':
      return [await read(command.what)]
    case 'restart':
      return [await restart()]
    case 'close':
      await client.destroy()
      return []
  }
}

function open(): Client {
  const launch = chromium(JSON.parse(RAW_CHROMIUM_ARGS) as string[])
  const opened = new wweb.Client({
    authStrategy: new wweb.LocalAuth({ clientId: 'raw', dataPath: RAW_FOLDER }),
    puppeteer: { ...launch, ...(RAW_EXECUTABLE !== undefined && { executablePath: RAW_EXECUTABLE }) },
    webVersionCache: { type: 'none' },
  })
  opened.on('message_ack', (message, ack) => {
    if (Number(ack) !== 1) return
    const waiting = acked.get(message.id.id)
    if (typeof waiting === 'function') waiting()
    else acked.set(message.id.id, true)
  })
  return opened
}

/** @returns ms from the call that starts the browser to the first code */
async function untilQr(): Promise<number> {
  const since = performance.now()
  client = open()
  const shown = new Promise<string>((resolve) => client.once('qr', resolve))
  await client.initialize()
  lastCode = await shown
  return performance.now() - since
}
let lastCode = ''

async function scanned({ url, phone }: { url: string; phone: string }): Promise<[]> {
  const ready = new Promise<void>((resolve) => client.once('ready', () => resolve()))
  const response = await fetch(`${url}/scan`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ qr: lastCode, phone }),
  })
  if (!response.ok) throw new Error(`the scan was refused: ${response.status}`)
  await ready
  return []
}

async function read(what: RawRead): Promise<number> {
  const since = performance.now()
  if (what.call === 'getChatById') await client.getChatById(what.chatId)
  else if (what.call === 'fetchMessages') {
    const chat = await client.getChatById(what.chatId)
    await chat.fetchMessages({ limit: what.limit })
  } else await client[what.call]()
  return performance.now() - since
}

async function restart(): Promise<number> {
  const since = performance.now()
  await client.destroy()
  client = open()
  const ready = new Promise<void>((resolve) => client.once('ready', () => resolve()))
  await client.initialize()
  await ready
  return performance.now() - since
}

/** @returns of each message the ms from the call to the server's ack */
async function sendOneAfterAnother(command: RawCommand & { do: 'send' }): Promise<number[]> {
  const latencies: number[] = []
  const end = performance.now() + command.forMs
  while (latencies.length < command.count && performance.now() < end) {
    const to = command.to[latencies.length % command.to.length] as string
    latencies.push(await untilAcked(() => client.sendMessage(`${to}@c.us`, command.text)))
  }
  return latencies
}

/** The file is in memory as base64 before the clock runs, as a service has it that took it in a request. */
async function sendFile({ to, path, mimetype, count }: RawCommand & { do: 'sendFile' }): Promise<number[]> {
  const media = new wweb.MessageMedia(mimetype, await readFile(path, 'base64'), 'file')
  const options = { sendMediaAsDocument: !mimetype.startsWith('image/') }
  const latencies: number[] = []
  for (let n = 0; n < count; n++)
    latencies.push(await untilAcked(() => client.sendMessage(`${to[n % to.length]}@c.us`, media, options)))
  return latencies
}

/** @returns the ms from the call to the server's ack */
async function untilAcked(send: () => Promise<Message>): Promise<number> {
  const since = performance.now()
  const { id } = await send()
  if (!acked.has(id.id)) await new Promise<void>((resolve) => acked.set(id.id, resolve))
  acked.delete(id.id)
  return performance.now() - since
}
