import type { ChatState, WhatsAppClient } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'

export interface Arrival {
  id: string
  to: string
  body: string
}

/** What becomes of every message to a number, in place of an ack. */
export type Fate = 'refused' | 'not_sent' | 'uncertain' | 'blocked'

/** What the contract needs of the world around a client: phones, the far side, and the profiles that outlive clients. */
export interface ClientHarness {
  /** A client, not yet opened, on the profile of that name. Clients that a test leaves open are closed by the harness. */
  client(profile: string): WhatsAppClient
  /** A person with whom no account has a chat. */
  readonly noChat: string
  /** A phone scans the QR code. */
  scan(code: string, phone: string): Promise<void>
  /** A phone types the pairing code. */
  typeCode(code: string, phone: string): Promise<void>
  /** What the server got from an account, in order, with repeats. */
  arrivals(account: string): Promise<Arrival[]>
  /** What the typing indicator of an account showed, in order. */
  typed(account: string): Promise<{ chatId: string; state: ChatState }[]>
  /** Somebody writes to the account. @returns the id part of the message, once the account's clients have it */
  writeTo(account: string, from: string, body: string): Promise<string>
  /** Whether the server acks what it gets. */
  setAcks(acks: boolean): Promise<void>
  /** What becomes of an account's messages to numbers, by number. */
  setFates(account: string, fates: Readonly<Record<string, Fate>>): Promise<void>
  /** A hidden identity that nobody has. */
  readonly nobody: string
  /** A phone reads all that an account wrote to it. Nothing is told where the server does not ack. */
  readAll(reader: string, account: string): Promise<void>
  setUnregistered(numbers: string[]): Promise<void>
  /** The phone unlinks all its devices. */
  unlink(account: string): Promise<void>
  /** The same login is opened somewhere else. */
  conflict(account: string): Promise<void>
  /** The connection to WhatsApp's server breaks, and comes back by itself. */
  dropConnection(account: string): Promise<void>
  /** Closes everything and checks that nothing is left over. */
  end(): Promise<void>
}
