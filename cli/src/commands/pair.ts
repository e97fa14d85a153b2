import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type Call, type Command, type ExitCode, text } from '../command.ts'
import { GatewayProblem } from '../gateway-client.ts'

const LOOK_EVERY_MS = 1_000

export const pairCommand: Command = {
  name: 'pair',
  summary:
    'Links a session to a phone: shows a QR code, or gives a pairing code, and waits until it is ready',
  session: 'one',
  namesSession: true,
  fields: {
    phone: { type: 'text', describe: 'Asks for a pairing code for this number, to be typed into the phone' },
    'no-wait': { type: 'flag', describe: 'Ends with the first code' },
  },
  examples: ['wsg pair shop', 'wsg pair shop --phone 5511999887766'],
  run: async (call) =>
    text(call.values, 'phone') === undefined ? await showQr(call) : await givePairingCode(call),
}

/** Shows each code as it comes: one lives for about 20 s, and the next takes its place. */
async function showQr(call: Call): Promise<ExitCode> {
  const { gateway, session, output, values } = call
  const isSandbox = await gateway.hasSimulatedPhones()
  let shown: unknown = null
  for (;;) {
    const { code, expiresAt, status, reason, message } = await gateway.get('/qr', {
      session,
      query: { wait: 25 },
    })
    if (code === null || code === undefined) {
      if (isOver(status)) return end(call, { status, reason, message })
    } else if (code !== shown) {
      shown = code
      if (output.isJson) output.result({ status, code, expiresAt })
      else await showPicture(call)
      if (values['no-wait'] === true) return 0
      if (isSandbox) await linkSimulatedPhone(call, { qr: code, phone: anyNumber() })
      else
        output.note('On the phone: WhatsApp, Settings, Linked devices, Link a device. Then scan this code.')
    }
    await pause(LOOK_EVERY_MS)
  }
}

async function showPicture({ gateway, session, output }: Call): Promise<void> {
  const picture = await gateway.open('GET', '/qr', { session, headers: { accept: 'text/plain' } })
  // The one before it does not work any more.
  if (output.isTerminal) output.text('\x1b[2J\x1b[H')
  output.text(await picture.text())
}

/** In the sandbox nobody holds a phone to the terminal. */
async function linkSimulatedPhone(
  { gateway, output }: Call,
  body: { qr?: unknown; code?: string; phone: unknown },
): Promise<void> {
  try {
    await gateway.ask('POST', '/dashboard/simulated-phone/scan', { body })
    output.note(`This is the sandbox: the simulated phone +${body.phone} has done its part.`)
  } catch (error) {
    if (!(error instanceof GatewayProblem)) throw error
    output.note(`This is the sandbox, and its simulated phone did not do its part: ${error.message}`)
  }
}

function anyNumber(): string {
  return `55119${randomInt(10_000_000, 99_999_999)}`
}

async function givePairingCode(call: Call): Promise<ExitCode> {
  const { gateway, session, output, values } = call
  const { body } = await gateway.ask('POST', '/pairing-code', {
    session,
    body: { phoneNumber: values.phone },
  })
  const { code, expiresAt, status, reason, message } = body
  if (typeof code !== 'string') return end(call, { status, reason, message })
  if (output.isJson) output.result({ status, code, expiresAt })
  output.text(`${code.slice(0, 4)}-${code.slice(4)}`)
  if (values['no-wait'] === true) return 0
  if (await gateway.hasSimulatedPhones()) await linkSimulatedPhone(call, { code, phone: values.phone })
  else
    output.note(
      'On the phone: WhatsApp, Settings, Linked devices, Link a device, Link with phone number instead.',
    )
  for (;;) {
    const now = await gateway.get('/status', { session })
    if (isOver(now.status)) return end(call, { status: now.status, reason: now.reason, message: now.message })
    await pause(LOOK_EVERY_MS)
  }
}

function isOver(status: unknown): boolean {
  return status === 'ready' || status === 'failed' || status === 'stopped'
}

function end({ output, session }: Call, { status, reason, message }: Record<string, unknown>): ExitCode {
  output.result({ sessionId: session, status, reason, message })
  if (status !== 'ready') return 1
  output.note(`Send with: wsg send 5511999887766 "Hello" --session ${session}`)
  return 0
}
