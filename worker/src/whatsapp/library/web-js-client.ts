import { createRequire } from 'node:module'
import { exposeAuthStore } from '../page/expose-auth-store.ts'
import { PageClient, type PageClientOptions } from '../page-client.ts'
import type { WhatsAppClient } from '../whatsapp-client.ts'
import type { Libraries, StockClient } from './stock-client.ts'

export type WebJsClientOptions = Omit<PageClientOptions, 'loadLibraries'>

/** The part of its `NoAuth` that is replaced here. */
interface StockLogin {
  getAuthEventPayload(): Promise<void>
}

// Both libraries come as CommonJS, so that puppeteer is loaded once: whatsapp-web.js requires it that way.
const require = createRequire(import.meta.url)

/** WhatsApp through whatsapp-web.js in a Chromium of its own. Nothing is started or loaded before `open`. */
export function createWebJsClient(options: WebJsClientOptions): WhatsAppClient {
  return new PageClient({ ...options, loadLibraries })
}

function loadLibraries(): Libraries {
  // Before the client is loaded, which takes the function that it finds there.
  const authStore = require('whatsapp-web.js/src/util/Injected/AuthStore/AuthStore') as {
    ExposeAuthStore(): void
  }
  authStore.ExposeAuthStore = exposeAuthStore
  // Not by the package's name, which loads every way of keeping a login too: 5 MB in every worker.
  const Stock = require('whatsapp-web.js/src/Client') as new (options: object) => StockClient
  const NoAuth = require('whatsapp-web.js/src/authStrategies/NoAuth') as new () => StockLogin
  const puppeteer = require('puppeteer') as typeof import('puppeteer')

  /**
   * The stock client without what it does to the world around it: it neither launches nor navigates (we do, under a
   * lock and with deadlines), deletes no profile at a logout, writes no cache of the page, and does not send every
   * message and every change to Node as a whole serialised message, which nobody here listens to.
   */
  class MendedClient extends Stock {
    override heardSync = false

    constructor() {
      const login = new NoAuth()
      super({ authStrategy: login, userAgent: false, webVersionCache: { type: 'none' } })
      // The first thing that the stock client does when it hears of a sync.
      login.getAuthEventPayload = async () => {
        this.heardSync = true
      }
    }

    async attachEventListeners(): Promise<void> {}
  }

  const { version } = require('whatsapp-web.js/package.json') as { version: string }
  return {
    connect: (options) => puppeteer.connect(options),
    createStockClient: () => new MendedClient(),
    version: `whatsapp-web.js ${version}`,
  }
}
