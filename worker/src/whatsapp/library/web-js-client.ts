import { createRequire, Module } from 'node:module'
import { exposeAuthStore } from '../page/expose-auth-store.ts'
import { PageClient, type PageClientOptions } from '../page-client.ts'
import type { WhatsAppClient } from '../whatsapp-client.ts'
import type { Libraries, StockClient } from './stock-client.ts'

export type WebJsClientOptions = Omit<PageClientOptions, 'loadLibraries'>

/** The part of its `NoAuth` that is replaced here. */
interface StockLogin {
  getAuthEventPayload(): Promise<void>
}

const require = createRequire(import.meta.url)
const requireOfLibrary = createRequire(require.resolve('whatsapp-web.js/package.json'))
const requireOfPuppeteer = createRequire(require.resolve('puppeteer'))

/**
 * What whatsapp-web.js is given, while it is loaded, in place of packages for functions which nobody calls here: they launch
 * browsers, make stickers and fetch files. Loading them takes a sixth of a session's processor time up to `ready`, and 6 MB.
 */
const standIns = {
  puppeteer: {},
  'fluent-ffmpeg': { setFfmpegPath: () => {} },
  'node-webpmux': {},
  mime: {},
  'node-fetch': {},
}

/** WhatsApp through whatsapp-web.js in a Chromium of its own. Nothing is started or loaded before `open`. */
export function createWebJsClient(options: WebJsClientOptions): WhatsAppClient {
  return new PageClient({ ...options, loadLibraries })
}

export function loadLibraries(): Libraries {
  const takeBack = Object.entries(standIns).map(([name, exports]) => putInPlaceOf(name, exports))
  // Before the client is loaded, which takes the function that it finds there.
  const authStore = require('whatsapp-web.js/src/util/Injected/AuthStore/AuthStore') as {
    ExposeAuthStore(): void
  }
  authStore.ExposeAuthStore = exposeAuthStore
  // Not by the package's name, which loads every way of keeping a login too: 5 MB in every worker.
  const Stock = require('whatsapp-web.js/src/Client') as new (options: object) => StockClient
  const NoAuth = require('whatsapp-web.js/src/authStrategies/NoAuth') as new () => StockLogin
  for (const back of takeBack) back()
  // Puppeteer without what finds, downloads and launches browsers.
  const { default: puppeteer } = requireOfPuppeteer(
    'puppeteer-core/internal/puppeteer-core-browser.js',
  ) as typeof import('puppeteer')

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

/** Lets this process find `exports` where it requires `name`. @returns what takes that back */
function putInPlaceOf(name: string, exports: object): () => void {
  const path = requireOfLibrary.resolve(name)
  const before = require.cache[path]
  const standIn = new Module(path)
  standIn.exports = exports
  standIn.loaded = true
  require.cache[path] = standIn
  return () => {
    if (before) require.cache[path] = before
    else delete require.cache[path]
  }
}
