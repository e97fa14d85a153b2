import type { Readable, Writable } from 'node:stream'
import type { ConnectionTransport } from 'puppeteer'

const END = '\0'

/**
 * The DevTools protocol over the two pipes that `--remote-debugging-pipe` reads and writes: messages that end with
 * a zero byte. The browser ends itself within 100 ms when the pipes close, so none outlives its worker.
 */
export class PipeTransport implements ConnectionTransport {
  onmessage?: (message: string) => void
  onclose?: () => void
  readonly #toBrowser: Writable
  #unfinished: Buffer[] = []

  constructor(toBrowser: Writable, fromBrowser: Readable) {
    this.#toBrowser = toBrowser
    fromBrowser.on('data', (chunk: Buffer) => this.#take(chunk))
    fromBrowser.once('close', () => this.onclose?.())
    // A pipe breaks when the browser dies; `close` above and the process' exit tell it.
    for (const pipe of [toBrowser, fromBrowser]) pipe.on('error', () => {})
  }

  send(message: string): void {
    this.#toBrowser.write(message + END)
  }

  close(): void {
    this.#toBrowser.end()
  }

  #take(chunk: Buffer): void {
    let start = 0
    for (let end = chunk.indexOf(END); end !== -1; end = chunk.indexOf(END, start)) {
      this.#unfinished.push(chunk.subarray(start, end))
      const message = Buffer.concat(this.#unfinished).toString()
      this.#unfinished = []
      start = end + 1
      // On a turn of its own each: what one message settles is seen before the next is read.
      setImmediate(() => this.onmessage?.(message))
    }
    if (start < chunk.length) this.#unfinished.push(chunk.subarray(start))
  }
}
