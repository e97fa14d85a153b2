import { randomUUID } from 'node:crypto'
import { createReadStream, existsSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { text as readAll } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { kindOfFile, messageKinds, takesFilename } from '@wsg/shared/messages/kinds/message-kinds.ts'
import { type Call, type Command, type ExitCode, text } from '../command.ts'
import { type Answer, Unreachable } from '../gateway-client.ts'
import { ProgressBar } from '../progress-bar.ts'
import { UsageError } from '../usage-error.ts'

const MOST_TRIES = 4
const TRY_AGAIN_MS = 500

export const sendCommand: Command = {
  name: 'send',
  summary: 'Sends a text or a file, and waits until WhatsApp has it',
  session: 'one',
  fields: {
    to: {
      type: 'text',
      describe: 'A phone number with country code, or a chat id',
      isRequired: true,
      isArgument: true,
    },
    text: {
      type: 'text',
      describe: 'The text, or the caption of a file; - reads it from standard input',
      isArgument: true,
    },
    file: { type: 'text', describe: 'A file to send' },
    type: {
      type: 'text',
      describe: 'What the file is sent as; told from it where it is not said',
      oneOf: messageKinds.filter(({ schema }) => 'media' in schema.shape).map(({ type }) => type),
    },
    message: {
      type: 'json',
      describe: 'The message as the API takes it, for kinds such as a poll or a location',
    },
    'reply-to': { type: 'text', describe: 'The id of the message that this one answers' },
    at: { type: 'text', describe: 'When it is due, such as 2027-01-31T08:00:00Z' },
    'expires-at': { type: 'text', describe: 'Until when it may be sent' },
    urgent: { type: 'flag', describe: 'Overtakes the messages of other chats' },
    reference: { type: 'text', describe: 'Your own word for it' },
    wait: { type: 'text', describe: 'What to wait for', oneOf: ['none', 'server', 'delivered'] },
    key: { type: 'text', describe: 'Idempotency key: with the same key the same message is sent once' },
  },
  examples: [
    'wsg send 5511999887766 "Hello from the prompt"',
    'wsg send 5511999887766 "As agreed" --file offer.pdf',
    'date | wsg send 5511999887766 -',
  ],
  run: async (call) => {
    const { values, output } = call
    const { status, body } = await sendOnce(call, {
      to: values.to,
      message: await messageOf(call),
      replyTo: values['reply-to'],
      sendAt: values.at,
      expiresAt: values['expires-at'],
      priority: values.urgent === true ? 'urgent' : undefined,
      reference: values.reference,
    })
    output.result(body)
    if (status === 200) return 0
    output.note(
      `It is accepted and safe, and still on its way: wsg messages show ${body.id} --session ${call.session}`,
    )
    return (values.wait === 'none' ? 0 : 4) satisfies ExitCode
  },
}

/** A gateway that goes away meanwhile may have accepted it: under its key a message that is sent again is the same one. */
async function sendOnce({ gateway, session, values }: Call, body: object): Promise<Answer> {
  const headers = { 'idempotency-key': text(values, 'key') ?? `wsg-${randomUUID()}` }
  const asking = { session, body, headers, query: { wait: text(values, 'wait') } }
  for (let tries = 1; ; tries++) {
    try {
      return await gateway.ask('POST', '/send', asking)
    } catch (error) {
      if (!(error instanceof Unreachable) || tries === MOST_TRIES) throw error
      await pause(TRY_AGAIN_MS * tries)
    }
  }
}

async function messageOf(call: Call): Promise<unknown> {
  const { file, type, message } = call.values
  const given = text(call.values, 'text')
  const written = given === '-' ? (await readAll(process.stdin)).replace(/\r?\n$/, '') : given
  if ([file, message].filter((one) => one !== undefined).length > 1)
    throw new UsageError('Say one of --file and --message.')
  if (message !== undefined) return message
  if (file !== undefined) return await fileMessage(call, String(file), type as string | undefined, written)
  if (written === undefined)
    throw new UsageError('There is nothing to send: say a text, --file or --message.')
  return written
}

async function fileMessage(call: Call, path: string, type: string | undefined, caption: string | undefined) {
  const { id: upload, mimetype } = await uploadFile(call, path)
  const kind = type ?? kindOfFile(String(mimetype))
  return {
    type: kind,
    media: { upload },
    ...(takesFilename(kind) && { filename: basename(path) }),
    ...(caption !== undefined && { caption }),
  }
}

async function uploadFile({ gateway, session, output }: Call, path: string): Promise<Answer['body']> {
  if (!existsSync(path)) throw new UsageError(`There is no file ${path}.`)
  const total = statSync(path).size
  const bar = new ProgressBar({ isShown: !output.isJson })
  let done = 0
  const file = createReadStream(path)
  file.on('data', (piece) => {
    done += piece.length
    bar.show(done, total, 'bytes')
  })
  try {
    const stream = { body: Readable.toWeb(file) as ReadableStream, type: 'application/octet-stream' }
    return (await gateway.ask('POST', '/media', { session, stream })).body
  } finally {
    bar.end()
  }
}
