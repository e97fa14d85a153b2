import type { EventEmitter } from 'node:events'
import type { Browser, Page } from 'puppeteer'

/** What is used of whatsapp-web.js' `Client`, its untyped parts included. */
export interface StockClient extends EventEmitter {
  pupBrowser?: Browser
  pupPage?: Page
  info: { wid: { user: string }; pushname?: string }
  /** Reads the page, attaches listeners, shows codes. Resolves when a code is wanted or a login was found. */
  inject(): Promise<void>
  getNumberId(number: string): Promise<{ _serialized: string } | null>
  requestPairingCode(phoneNumber: string): Promise<string>
  /** True once whatsapp-web.js heard that the page has synced; see `login/document-follower.ts`. */
  heardSync: boolean
}

/** The two libraries, loaded while Chromium starts: an idle worker does not hold them in memory. */
export interface Libraries {
  connect: typeof import('puppeteer')['default']['connect']
  createStockClient: () => StockClient
  /** Name and version of what makes those clients. */
  version: string
}
