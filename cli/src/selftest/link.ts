import { EventLog } from './event-log.ts'
import { type Ground, Missed, PERSON_MS, type Step, send, until, WHATSAPP_MS } from './step.ts'

export const pairing: Step = {
  name: 'pairing',
  beliefs: ['Modules are found by their names; one that is not there, or not yet, throws'],
  run: async (ground) => {
    ground.phones.first = await linkByQr(ground, 'first')
    ground.phones.second = await linkByQr(ground, 'second')
    const { engine } = (await ground.gateway.get('/status', { session: ground.first })) as {
      engine?: { missing: { name: string }[] }
    }
    const missing = (engine?.missing ?? []).map(({ name }) => name)
    if (missing.length > 0) throw new Missed(`both are linked, and the page lacks ${missing.join(', ')}`)
    return { told: 'both numbers are linked by a QR code, and the page has all that is used of it' }
  },
}

/** @returns its number */
async function linkByQr(
  { gateway, holder, first, second }: Ground,
  which: 'first' | 'second',
): Promise<string> {
  const session = which === 'first' ? first : second
  let shown: unknown = null
  const ready = await until(`the ${which} phone to be linked`, PERSON_MS, async () => {
    const { code, status, message } = await gateway.get('/qr', { session, query: { wait: 5 } })
    if (status === 'failed') throw new Missed(String(message))
    if (typeof code === 'string' && code !== shown) {
      shown = code
      await holder.scan(which, code, session)
    }
    return status === 'ready' ? await gateway.get('/status', { session }) : null
  })
  return String(ready.phone)
}

/** The third session is one more device of the first number: it is told whatever left the first, as soon as WhatsApp has it. */
export const pairingByCode: Step = {
  name: 'pairing code',
  beliefs: ['A pairing code that its phone typed links the page as a QR code does'],
  run: async (ground) => {
    const { gateway, holder, first, second, third, phones, heard, word } = ground
    // There may be room for two browsers.
    await gateway.ask('POST', '/session/stop', { session: second })
    const { body } = await gateway.ask('POST', '/pairing-code', {
      session: third,
      body: { phoneNumber: phones.first },
    })
    if (typeof body.code !== 'string') throw new Missed(`there is no code: ${body.message}`)
    await holder.enter(body.code, phones.first)
    const linked = await until('the first phone to link a further device', PERSON_MS, async () => {
      const now = await gateway.get('/status', { session: third })
      if (now.status === 'failed') throw new Missed(String(now.message))
      return now.status === 'ready' ? now : null
    })
    if (linked.phone !== phones.first) throw new Missed('it was linked to another number')
    const log = await EventLog.open(gateway, third)
    heard.third = log
    const text = `linked ${word}`
    await send(ground, first, phones.second, text)
    await until('the further device to be told of it', WHATSAPP_MS, () => log.ownHeardAt(text))
    return {
      told: 'the code linked a further device to the first number, and it is told what the first sends',
    }
  },
}
