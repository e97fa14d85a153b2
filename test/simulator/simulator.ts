import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Accounts } from './server/accounts.ts'
import { Calls } from './server/calls.ts'
import { Channels } from './server/channels.ts'
import { controlApi } from './server/control/control-api.ts'
import { Delays } from './server/delays.ts'
import { GroupOffice } from './server/group-office.ts'
import { Groups } from './server/groups.ts'
import { JsonFile } from './server/json-file.ts'
import { Labels } from './server/labels.ts'
import { Ledger, type LedgerEntry } from './server/ledger.ts'
import { listen } from './server/listen.ts'
import { MediaStore } from './server/media-store.ts'
import { MessageLog } from './server/message-log.ts'
import { NumberDirectory } from './server/number-directory.ts'
import { onePortListener } from './server/one-port-listener.ts'
import { OpenPages } from './server/open-pages.ts'
import { Orders } from './server/orders.ts'
import { pageServer } from './server/page-server.ts'
import { Pairing } from './server/pairing.ts'
import { PostOffice } from './server/post-office.ts'
import { Profiles } from './server/profiles.ts'
import type { Settings } from './server/settings.ts'
import { SettingsStore } from './server/settings-store.ts'
import { Signals } from './server/signals.ts'
import { tlsIdentity } from './server/tls-identity.ts'

export interface SimulatorOptions {
  /** Where accounts, logins, messages, ledger, settings and the TLS key are kept. Made when missing. */
  dataDir: string
  /** Without one: the port of the last start where it is free, else any. */
  port?: number
  /** A name under which other machines reach it: it then listens on every address, and its control API with it. */
  host?: string
  settings?: Partial<Settings>
}

export interface Simulator {
  /** Base of the control API and the phone page, `http://<host or 127.0.0.1>:<port>`. */
  url: string
  /** Chromium flags that lead https://web.whatsapp.com to this simulator. */
  chromiumArgs: string[]
  /** Every message that arrived over the wire, in order of arrival. */
  ledger(): LedgerEntry[]
  /** Ends every connection and closes the files. Logins stay valid for the next start in the same folder. */
  close(): Promise<void>
}

/**
 * Starts a stand-in for web.whatsapp.com, on loopback unless it is given a host. Rejects when a given port is taken,
 * and with a ZodError that names an unknown setting or a wrong value.
 */
export async function startSimulator({
  dataDir,
  port,
  host,
  settings: overrides = {},
}: SimulatorOptions): Promise<Simulator> {
  mkdirSync(dataDir, { recursive: true })
  const settings = new SettingsStore(join(dataDir, 'settings.json'), overrides)
  const accounts = new Accounts(join(dataDir, 'accounts.json'))
  const identity = await tlsIdentity(dataDir)
  const ledger = new Ledger(join(dataDir, 'ledger.jsonl'))
  const log = new MessageLog(join(dataDir, 'messages.jsonl'))
  const media = new MediaStore(join(dataDir, 'media'))
  const directory = new NumberDirectory(settings, accounts)
  const groups = new Groups(join(dataDir, 'groups.json'))
  const channels = new Channels(join(dataDir, 'channels.json'))
  const pages = new OpenPages()
  const delays = new Delays()
  const postOffice = new PostOffice({
    ...{ settings, accounts, directory, log, ledger, pages, delays, groups, channels },
  })
  const groupOffice = new GroupOffice({ settings, accounts, groups, directory, pages, postOffice })
  const parts = {
    settings,
    accounts,
    calls: new Calls(),
    channels,
    directory,
    groups,
    groupOffice,
    labels: new Labels(join(dataDir, 'labels.json')),
    profiles: new Profiles(join(dataDir, 'profiles.json')),
    log,
    ledger,
    media,
    lostAnswers: new Map(),
    orders: new Orders(),
    pages,
    pairing: new Pairing(),
    postOffice,
    delays,
    signals: new Signals(),
  }
  postOffice.resume()
  const control = controlApi(parts)
  await control.ready()
  const page = pageServer(identity, parts)
  const listener = onePortListener(createServer(control.routing), page.server)
  const portFile = new JsonFile<number>(join(dataDir, 'port.json'))
  await listen(
    listener.server,
    host === undefined ? '127.0.0.1' : '0.0.0.0',
    port ?? portFile.read(),
    port !== undefined,
  )
  const bound = (listener.server.address() as AddressInfo).port
  portFile.write(bound)
  const address = `${host ?? '127.0.0.1'}:${bound}`

  return {
    url: `http://${address}`,
    chromiumArgs: [
      `--host-resolver-rules=MAP web.whatsapp.com ${address}`,
      `--ignore-certificate-errors-spki-list=${identity.spkiHash}`,
    ],
    ledger: () => ledger.read(),
    async close() {
      delays.clear()
      const closed = new Promise((resolve) => listener.server.close(resolve))
      for (const open of pages.all()) void open.drop()
      for (const socket of listener.sockets) socket.destroy()
      page.sockets.close()
      await Promise.all([closed, control.close()])
      ledger.close()
      log.close()
    },
  }
}
