import { randomBytes } from 'node:crypto'
import type { PageConnection } from './page-connection.ts'

/** Alphabet of the real pairing codes: no 0, I, O or U. */
const CODE_ALPHABET = '123456789ABCDEFGHJKLMNPQRSTVWXYZ'

/** The QR references and pairing codes on show, each with the page that shows it. */
export class Pairing {
  readonly #refs = new Map<string, PageConnection>()
  readonly #codes = new Map<string, { page: PageConnection; phone: string }>()

  /** A new QR reference for this page; its older one is worth nothing from now on. */
  newRef(page: PageConnection): string {
    this.#dropRefs(page)
    const ref = `2@${randomBytes(66).toString('base64')}`
    this.#refs.set(ref, page)
    return ref
  }

  newCode(page: PageConnection, phone: string): string {
    this.#dropCodes(page)
    const code = [...randomBytes(8)].map((byte) => CODE_ALPHABET[byte % CODE_ALPHABET.length]).join('')
    this.#codes.set(code, { page, phone })
    return code
  }

  /** The page behind a raw QR string, `ref,staticKey,identityKey,advSecret,platform`. */
  byQr(qr: string): PageConnection | undefined {
    return this.#refs.get(qr.split(',')[0] ?? '')
  }

  byCode(code: string): { page: PageConnection; phone: string } | undefined {
    return this.#codes.get(code.replaceAll(/[\s-]/g, '').toUpperCase())
  }

  forget(page: PageConnection): void {
    this.#dropRefs(page)
    this.#dropCodes(page)
  }

  #dropRefs(page: PageConnection): void {
    for (const [ref, of] of this.#refs) if (of === page) this.#refs.delete(ref)
  }

  #dropCodes(page: PageConnection): void {
    for (const [code, of] of this.#codes) if (of.page === page) this.#codes.delete(code)
  }
}
