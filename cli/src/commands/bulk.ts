import { randomUUID } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { isSettled, type MessageState } from '@wsg/shared/messages/message-lifecycle.ts'
import { type CsvError, parse } from 'csv-parse'
import { type Call, type Command, type ExitCode, text } from '../command.ts'
import { ProgressBar } from '../progress-bar.ts'
import { UsageError } from '../usage-error.ts'

const LOOK_EVERY_MS = 1_000
const NDJSON = 'application/x-ndjson'

export const bulkCommand: Command = {
  name: 'bulk',
  summary: 'Sends a message for each line of a file, and shows how far it came',
  session: 'one',
  fields: {
    file: {
      type: 'text',
      describe:
        '.csv with the columns to and message, or .ndjson with an object a line as POST /send takes it',
      isRequired: true,
      isArgument: true,
    },
    key: { type: 'text', describe: 'Of an earlier upload: what it accepted is not sent again' },
    at: { type: 'text', describe: 'When the messages are due that do not say it themselves' },
    reference: { type: 'text', describe: 'Your own word for all of them' },
    'no-wait': { type: 'flag', describe: 'Ends when all are accepted' },
  },
  examples: ['wsg bulk customers.csv --session shop'],
  run: async (call) => {
    const path = String(call.values.file)
    if (!existsSync(path)) throw new UsageError(`There is no file ${path}.`)
    const key = text(call.values, 'key') ?? `bulk-${randomUUID()}`
    call.output.note(
      `Where this is cut off, run it again with --key ${key}: what was accepted is not sent again.`,
    )
    const bar = new ProgressBar({ isShown: !call.output.isJson })
    try {
      const { batchId, refused } = await upload(call, path, key, bar)
      const batch =
        call.values['no-wait'] === true ? await look(call, batchId) : await untilDone(call, batchId, bar)
      bar.end()
      call.output.result(batch)
      return exitOf(refused, batch.counts as Counts)
    } finally {
      bar.end()
    }
  },
}

type Counts = Partial<Record<MessageState, number>>

/** Each line is answered while the next ones go; what was refused is told with its number. */
async function upload(
  { gateway, session, values, output }: Call,
  path: string,
  key: string,
  bar: ProgressBar,
) {
  const lines = Readable.toWeb(
    path.endsWith('.csv') ? csvLines(path) : createReadStream(path),
  ) as ReadableStream
  const answer = await gateway.open('POST', '/send/bulk', {
    session,
    query: { sendAt: text(values, 'at'), reference: text(values, 'reference') },
    headers: { 'idempotency-key': key, accept: NDJSON },
    stream: { body: lines, type: NDJSON },
  })
  let told = 0
  let last: Record<string, unknown> = {}
  for await (const line of linesOf(answer.body as ReadableStream)) {
    last = JSON.parse(line) as Record<string, unknown>
    if ('batchId' in last) continue
    bar.show(++told, told, 'lines taken')
    if (!('code' in last)) continue
    bar.end()
    output.fault(`line ${last.line}: ${last.error}`, last)
  }
  if (typeof last.batchId !== 'string')
    throw new UsageError(`The answer was cut off. Run it again with --key ${key}.`)
  return { batchId: last.batchId, refused: Number(last.refused) }
}

async function untilDone(call: Call, batchId: string, bar: ProgressBar) {
  for (;;) {
    const batch = await look(call, batchId)
    const settled = Object.entries(batch.counts as Counts).filter(([state]) =>
      isSettled(state as MessageState),
    )
    bar.show(
      settled.reduce((sum, [, count]) => sum + count, 0),
      Number(batch.accepted),
      'sent or failed',
    )
    if (batch.done === true) return batch
    await pause(LOOK_EVERY_MS)
  }
}

async function look({ gateway, session }: Call, batchId: string): Promise<Record<string, unknown>> {
  return await gateway.get(`/batches/${batchId}`, { session })
}

function exitOf(
  refused: number,
  { failed = 0, expired = 0, canceled = 0, unknown = 0, ...rest }: Counts,
): ExitCode {
  if (refused + failed + expired + canceled + unknown > 0) return 1
  return (rest.queued ?? 0) + (rest.sending ?? 0) > 0 ? 4 : 0
}

/** The first line has the names of the fields; a cell that is empty is a field that is absent. */
function csvLines(path: string): Readable {
  const rows = createReadStream(path).pipe(
    parse({ columns: true, bom: true, trim: true, skip_empty_lines: true }),
  )
  return Readable.from(toNdjson(rows))
}

async function* toNdjson(rows: AsyncIterable<Record<string, string>>): AsyncGenerator<string> {
  try {
    for await (const row of rows) {
      const given = Object.entries(row).filter(([, cell]) => cell !== '')
      yield `${JSON.stringify(Object.fromEntries(given))}\n`
    }
  } catch (error) {
    if (!('code' in (error as CsvError))) throw error
    throw new UsageError(`The file cannot be read as CSV: ${(error as CsvError).message}`)
  }
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of body.pipeThrough(
    new TextDecoderStream() as never,
  ) as unknown as AsyncIterable<string>) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}
