import { createInterface } from 'node:readline/promises'
import type { GatewayClient } from '../gateway-client.ts'
import type { Output } from '../output.ts'

/** Who holds the phones: a person who is asked, or the simulated phones of the sandbox. */
export interface PhoneHolder {
  /** Lets the phone `which` scan a code. Resolves when that was asked for, not when it is done. */
  scan(which: 'first' | 'second', code: string, session: string): Promise<void>
  /** Lets the first phone, which has the number `phone`, link with a pairing code. */
  enter(code: string, phone: string): Promise<void>
  /** Lets `text` be written on the second phone, to the account of the first. */
  write(text: string, to: string): Promise<void>
  /** Cuts the second phone off from the network, or lets it back. `phone` is its number. Resolves when that is done. */
  setAway(isAway: boolean, phone: string): Promise<void>
  /** @returns null where nobody can look */
  look(question: string): Promise<boolean | null>
}

const SIMULATED = { first: '5511977700001', second: '5511977700002' }

export class SimulatedPhones implements PhoneHolder {
  readonly #gateway: GatewayClient

  constructor(gateway: GatewayClient) {
    this.#gateway = gateway
  }

  async scan(which: 'first' | 'second', qr: string): Promise<void> {
    await this.#ask('scan', { qr, phone: SIMULATED[which] })
  }

  async enter(code: string, phone: string): Promise<void> {
    await this.#ask('scan', { code, phone })
  }

  async setAway(isAway: boolean, phone: string): Promise<void> {
    await this.#ask('away', { away: isAway ? [phone] : [] })
  }

  async write(body: string, account: string): Promise<void> {
    await this.#ask('write', { account, from: SIMULATED.second, body })
  }

  async look(): Promise<null> {
    return null
  }

  async #ask(what: string, body: object): Promise<void> {
    await this.#gateway.ask('POST', `/dashboard/simulated-phone/${what}`, { body })
  }
}

export class Person implements PhoneHolder {
  readonly #gateway: GatewayClient
  readonly #output: Output

  constructor(gateway: GatewayClient, output: Output) {
    this.#gateway = gateway
    this.#output = output
  }

  async scan(which: 'first' | 'second', _code: string, session: string): Promise<void> {
    const picture = await this.#gateway.open('GET', '/qr', { session, headers: { accept: 'text/plain' } })
    process.stderr.write(`${await picture.text()}`)
    this.#say(`On the ${which} phone: WhatsApp, Settings, Linked devices, Link a device. Scan this code.`)
  }

  async enter(code: string, phone: string): Promise<void> {
    this.#say(
      `On the first phone (+${phone}): WhatsApp, Settings, Linked devices, Link a device, Link with phone number instead. Type ${code.slice(0, 4)}-${code.slice(4)}.`,
    )
  }

  async setAway(isAway: boolean, phone: string): Promise<void> {
    const [how, on] = isAway ? ['away from', 'on'] : ['back in', 'off']
    await this.#ask(
      `Take the second phone (+${phone}) ${how} the network: switch flight mode ${on}, and Wi-Fi with it. Then press Enter.`,
    )
  }

  async write(text: string, to: string): Promise<void> {
    this.#say(`On the second phone: open the chat with +${to} and write exactly: ${text}`)
  }

  async look(question: string): Promise<boolean> {
    return /^y/i.test(await this.#ask(`${question} [y/n]`))
  }

  async #ask(question: string): Promise<string> {
    const prompt = createInterface({ input: process.stdin, output: process.stderr })
    const answer = await prompt.question(`${question} `)
    prompt.close()
    return answer.trim()
  }

  #say(line: string): void {
    if (this.#output.isTerminal || !this.#output.isJson) console.error(line)
  }
}
