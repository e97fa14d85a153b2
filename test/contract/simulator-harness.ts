import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@wsg/shared/logger.ts'
import { FolderStore } from '@wsg/shared/media/folder-store.ts'
import { isGroupAlive } from '@wsg/worker/src/whatsapp/browser/process-group.ts'
import type { ClientTimeouts } from '@wsg/worker/src/whatsapp/client-timeouts.ts'
import { createWebJsClient, type WebJsClientOptions } from '@wsg/worker/src/whatsapp/library/web-js-client.ts'
import type { WhatsAppClient } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { expect } from 'vitest'
import { lidOfNumber } from '../simulator/server/lid-of-number.ts'
import type { Settings } from '../simulator/server/settings.ts'
import { startSimulator } from '../simulator/simulator.ts'
import { listProcesses } from '../support/processes.ts'
import type { Arrival, ClientHarness, Fate } from './client-harness.ts'

/** The real client on the simulator, with what only it has: a process, settings, faults. */
export interface SimulatorHarness extends ClientHarness {
  client(profile: string, more?: Partial<WebJsClientOptions>): WhatsAppClient
  profilePath(profile: string): string
  downloadsPath(profile: string): string
  /** Of the newest client on the profile; null while its browser is not up. */
  browserPid(profile: string): number | null
  chromiumArgs: string[]
  /** The files of messages. */
  store: FolderStore
  set(settings: Partial<Settings>): Promise<void>
  post(path: string, body: object): Promise<unknown>
  get(path: string): Promise<unknown>
  /** A message as the server has it; undefined where it has none. */
  message(
    messageId: string,
  ): Promise<{ id: string; type: string; body: string; extras?: Record<string, unknown> } | undefined>
  /** What was said of a message over the wire, such as reactions and edits, in order: each with its fields. */
  addOns(messageId: string): Promise<Record<string, unknown>[]>
  /** @returns the id of a new group */
  group(of: { owner: string; members: string[] }): Promise<string>
  /** A member writes in a group. @returns the id part of the message, once the account's clients have it */
  writeInGroup(group: string, from: string, body: string): Promise<string>
  /** When messages of an account arrived at the server, epoch ms, in order, with repeats. */
  arrivalTimes(account: string): { id: string; at: number }[]
  /** What an account showed itself as, in order: available or not. */
  presence(account: string): Promise<boolean[]>
  /** How many messages an account told their writers that it has read. */
  readReceipts(account: string): Promise<number>
  /** Somebody writes anything to the account, in a group where one is named. @returns the full id of the message */
  writeContent(to: { account: string; group?: string }, from: string, content: object): Promise<string>
  /** The server does not have the file of a message any more. */
  expireFile(messageId: string): Promise<void>
  /** The bytes that a message arrived with. */
  file(messageId: string): Promise<Buffer>
  /** The title of the link preview that a message arrived with; undefined where it had none. */
  previewOf(messageId: string): Promise<unknown>
}

const NOT_ON_WHATSAPP = '491709999998'

/** A test that is about another limit sets it. */
const TEST_TIMEOUTS: Partial<ClientTimeouts> = { callMs: 8_000 }

/** A simulator of its own and an empty folder for profiles. */
export async function simulatorHarness(settings: Partial<Settings>): Promise<SimulatorHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'client-contract-'))
  await chmod(folder, 0o711) // as root's data folder is: its browsers run as nobody
  const simulator = await startSimulator({
    dataDir: join(folder, 'simulator'),
    settings: { syncDelayMs: 100, reconnectDelayMs: 100, ...settings },
  })
  const logger = createLogger('contract', 'silent')
  const clients: WhatsAppClient[] = []
  const pids = new Map<string, number | null>()
  const groups = new Set<number>()
  const store = new FolderStore(join(folder, 'media'))
  const profilePath = (profile: string) => join(folder, 'profiles', `session-${profile}`)
  const downloadsPath = (profile: string) => `${profilePath(profile)}.downloads`

  async function call(path: string, init?: RequestInit): Promise<unknown> {
    const response = await fetch(simulator.url + path, init)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return await response.json()
  }
  const post = (path: string, body: object) =>
    call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  const message: SimulatorHarness['message'] = async (messageId) => {
    const found = (await call(`/messages?id=${messageId}`)) as {
      messages: Awaited<ReturnType<SimulatorHarness['message']>>[]
    }
    return found.messages[0]
  }

  return {
    store,
    get: (path) => call(path),
    chromiumArgs: simulator.chromiumArgs,
    noChat: '4915199999999',
    profilePath,
    downloadsPath,
    post,
    message,
    async file(messageId) {
      const response = await fetch(`${simulator.url}/messages/${messageId}/media`)
      return Buffer.from(await response.arrayBuffer())
    },
    async addOns(messageId) {
      type Said = { type: string; extras?: { target?: { id: string }; addOn?: Record<string, unknown> } }
      const { messages } = (await call('/messages')) as { messages: Said[] }
      return messages
        .filter(({ extras }) => extras?.target?.id === messageId)
        .map(({ type, extras }) => ({ type, ...extras?.addOn }))
    },
    async group({ owner, members }) {
      const made = { owner, members, subject: 'Group', isLidAddressingMode: false }
      return ((await post('/groups', made)) as { group: { id: string } }).group.id
    },
    async writeInGroup(group, from, body) {
      return ((await post('/inbound', { group, from, body })) as { message: { id: string } }).message.id
    },
    async writeContent({ account, group }, from, content) {
      const to = group === undefined ? { account } : { group }
      const { message } = (await post('/inbound', { ...to, from, ...content })) as { message: { id: string } }
      return group === undefined
        ? `false_${from}@c.us_${message.id}`
        : `false_${group}_${message.id}_${from}@c.us`
    },
    expireFile: async (messageId) =>
      void (await call(`/messages/${messageId.split('_')[2]}/media`, { method: 'DELETE' })),
    previewOf: async (messageId) => (await message(messageId))?.extras?.title,
    browserPid: (profile) => pids.get(profile) ?? null,
    async presence(account) {
      type Shown = { presence: { available: boolean }[] }
      return ((await call(`/presence?account=${account}`)) as Shown).presence.map(
        ({ available }) => available,
      )
    },
    async readReceipts(account) {
      type Told = { readReceipts: { ids: string[] }[] }
      const { readReceipts } = (await call(`/read-receipts?account=${account}`)) as Told
      return readReceipts.flatMap(({ ids }) => ids).length
    },
    set: async (changed) => void (await post('/settings', changed)),
    client(profile, more = {}) {
      const client = createWebJsClient({
        profilePath: profilePath(profile),
        lockPath: `${profilePath(profile)}.lock`,
        world: 'sandbox',
        chromiumArgs: simulator.chromiumArgs,
        downloadsPath: downloadsPath(profile),
        maxFileBytes: 200_000_000,
        fileRetentionMs: 60_000,
        store,
        logger,
        onBrowserPid(pid) {
          pids.set(profile, pid)
          if (pid !== null) groups.add(pid)
        },
        ...more,
        timeouts: { ...TEST_TIMEOUTS, ...more.timeouts },
      })
      clients.push(client)
      return client
    },
    scan: async (qr, phone) => void (await post('/scan', { qr, phone })),
    typeCode: async (code, phone) => void (await post('/scan', { code, phone })),
    async arrivals(account) {
      return simulator
        .ledger()
        .filter((entry) => entry.account === account)
        .map(({ id, to, body }): Arrival => ({ id, to, body }))
    },
    arrivalTimes: (account) =>
      simulator
        .ledger()
        .filter((entry) => entry.account === account)
        .map(({ id, at }) => ({ id, at: Date.parse(at) })),
    async typed(account) {
      const { chatStates } = (await call(`/chat-states?account=${account}`)) as {
        chatStates: { chatId: string; state: 'composing' | 'recording' | 'paused' }[]
      }
      return chatStates.map(({ chatId, state }) => ({
        chatId,
        state: state === 'composing' ? 'typing' : state,
      }))
    },
    async writeTo(account, from, body) {
      const { message } = (await post('/inbound', { account, from, body })) as { message: { id: string } }
      return message.id
    },
    nobody: `${lidOfNumber(NOT_ON_WHATSAPP)}@lid`,
    async setFates(account, fates) {
      const of = (wanted: Fate) => Object.keys(fates).filter((number) => fates[number] === wanted)
      const each = <V>(numbers: string[], value: V) =>
        Object.fromEntries(numbers.map((number) => [number, value]))
      const failures = {
        ...each(of('not_sent'), 'ERROR_UPLOAD' as const),
        ...each(of('uncertain'), 'ERROR_UNKNOWN' as const),
      }
      const switches = { nacks: each(of('refused'), 463), failures, blocked: of('blocked') }
      await post('/settings', { unregistered: [NOT_ON_WHATSAPP], accounts: { [account]: switches } })
    },
    setAcks: async (acks) => void (await post('/settings', { noAck: !acks })),
    readAll: async (account, from) => void (await post('/read', { account, from })),
    setUnregistered: async (unregistered) => void (await post('/settings', { unregistered })),
    unlink: async (account) => void (await post('/logout', { account })),
    conflict: async (account) => void (await post('/conflict', { account })),
    dropConnection: async (account) => void (await post('/drop', { account })),
    async end() {
      await Promise.all(clients.map((client) => client.close()))
      await simulator.close()
      expect(leftOver(folder)).toEqual([])
      expect([...groups].filter(isGroupAlive)).toEqual([])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Command lines of living processes that have to do with a folder. */
function leftOver(folder: string): string[] {
  return listProcesses()
    .filter(({ state, command }) => state !== 'Z' && command.some((word) => word.includes(folder)))
    .map(({ command }) => command.join(' ').slice(0, 200))
}
