/**
 * Stands in for Chromium's program and passes everything between its pipe and whoever started it, noting each message:
 * `> method` from Node to the page, `< method` from the page to Node, `=` for an answer. Started with the real program,
 * the file to note to, and Chromium's arguments.
 */
import { spawn } from 'node:child_process'
import { openSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'

const [program = '', notes = '', ...args] = process.argv.slice(2)
const file = openSync(notes, 'a')
const browser = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'] })
const [, , , toBrowser, fromBrowser] = browser.stdio as unknown as [null, null, null, Writable, Readable]

pass(new Socket({ fd: 3, writable: false }), toBrowser, (message) => `> ${message.method}`)
pass(fromBrowser, new Socket({ fd: 4, readable: false }), ({ method }) =>
  method === undefined ? '=' : `< ${method}`,
)
browser.once('exit', (code) => process.exit(code ?? 1))

/** Messages are JSON, each ended by a zero byte. */
function pass(from: Readable, to: Writable, describe: (message: { method?: string }) => string): void {
  let rest: Buffer = Buffer.alloc(0)
  from.on('data', (chunk: Buffer) => {
    to.write(chunk)
    rest = Buffer.concat([rest, chunk])
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      const text = rest.toString('utf8', 0, end)
      rest = rest.subarray(end + 1)
      writeSync(file, `${describe(JSON.parse(text) as { method?: string })} ${text.length}\n`)
    }
  })
  from.on('error', () => {})
  to.on('error', () => {})
  from.once('end', () => to.end())
}
