import type { EventEmitter } from 'node:events'
import type { StockClient } from '../library/stock-client.ts'
import type { PairingCode, WhatsAppClientEvents } from '../whatsapp-client.ts'

/** WhatsApp Web shows its first QR code for a minute and the ones after it for 20 s; it does not say so to the page. */
const FIRST_QR_MS = 60_000
const NEXT_QR_MS = 20_000
/** WhatsApp's own renewal of a pairing code, as whatsapp-web.js asks for it. */
const PAIRING_CODE_MS = 180_000
/** A code that ends sooner is too short-lived to be given once more. */
const TYPED_WITHIN_MS = 20_000

/** The codes by which a phone pairs with one page: QR codes to be scanned, and a pairing code to be typed. */
export class PairingCodes {
  readonly #stock: StockClient
  readonly #events: EventEmitter<WhatsAppClientEvents>
  #qr = ''
  #qrsShown = 0
  #isAsking = false
  /** The pairing code that was given last, or is being asked for. */
  #given: { phoneNumber: string; code: Promise<PairingCode | null> } | null = null

  constructor(stock: StockClient, events: EventEmitter<WhatsAppClientEvents>) {
    this.#stock = stock
    this.#events = events
    stock.on('qr', (qr: string) => this.#qrShown(qr))
    stock.on('code', (code: string) => this.#renewed(code))
  }

  /** The code that a number already has, or a new one, with which every other one stops working. */
  async ask(phoneNumber: string): Promise<PairingCode> {
    const before = this.#given
    const given = (await before?.code) ?? null
    const leftMs = given === null ? 0 : given.expiresAt - Date.now()
    // Somebody else may have asked while this one waited.
    if (before !== this.#given) return await this.ask(phoneNumber)
    if (given !== null && before?.phoneNumber === phoneNumber && leftMs > TYPED_WITHIN_MS) return given
    const asked = this.#askNew(phoneNumber, leftMs > 0)
    this.#given = { phoneNumber, code: asked.catch(() => null) }
    return await asked
  }

  /** A new document knows no pairing code. */
  forget(): void {
    this.#given = null
  }

  /** The page shows no QR code any more until it is asked to: the next one is a first one again. */
  idled(): void {
    this.#qrsShown = 0
  }

  async #askNew(phoneNumber: string, replacesPrevious: boolean): Promise<PairingCode> {
    this.#isAsking = true
    try {
      const code = await this.#stock.requestPairingCode(phoneNumber)
      return { code, expiresAt: Date.now() + PAIRING_CODE_MS, replacesPrevious }
    } finally {
      this.#isAsking = false
    }
  }

  #qrShown(qr: string): void {
    // While it pairs, the page has no reference of the server's and the library makes a code of it all the same.
    if (qr.startsWith('undefined,') || qr === this.#qr) return
    this.#qr = qr
    this.#qrsShown += 1
    const validMs = this.#qrsShown === 1 ? FIRST_QR_MS : NEXT_QR_MS
    this.#events.emit('qr', qr, Date.now() + validMs)
  }

  /** WhatsApp made the pairing code again, by itself. */
  #renewed(code: string): void {
    if (this.#isAsking) return
    const expiresAt = Date.now() + PAIRING_CODE_MS
    const renewed = Promise.resolve({ code, expiresAt, replacesPrevious: false })
    if (this.#given !== null) this.#given = { ...this.#given, code: renewed }
    this.#events.emit('pairingCode', code, expiresAt)
  }
}
