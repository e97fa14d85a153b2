import { type ErrorCode, errorCatalogue } from '@wsg/shared/errors.ts'
import type { NotSentCode } from './page/sending/send-message.ts'
import type { ClientFault } from './whatsapp-client.ts'

/** The profile's lock is held by a living browser, so nobody else may open it. Try again later, elsewhere or here. */
export class ProfileLocked extends Error {
  override readonly name = 'ProfileLocked'
}

/** The profile folder belongs to another user. The message names the command that mends it. */
export class ProfileNotOwned extends Error {
  override readonly name = 'ProfileNotOwned'
}

/** The profile was made in the other world: sandbox or real. It is not opened. */
export class ForeignWorld extends Error {
  override readonly name = 'ForeignWorld'
}

/** No Chromium was found. Install one or set PUPPETEER_EXECUTABLE_PATH. */
export class BrowserMissing extends Error {
  override readonly name = 'BrowserMissing'
}

/** The address of WhatsApp Web did not answer, or not with WhatsApp Web. */
export class WhatsAppUnreachable extends Error {
  override readonly name = 'WhatsAppUnreachable'
}

/** The page did not answer, or does not show what it was asked for, by the deadline. Whether it did that is not known; it may do it later. */
export class PageUnresponsive extends Error {
  override readonly name = 'PageUnresponsive'
}

/** The page, or its document, ended before it answered. Whether it did what it was asked is not known; it does not do it later. */
export class PageGone extends Error {
  override readonly name = 'PageGone'
}

/** The client was closed or has failed. Nothing was done. */
export class ClientClosed extends Error {
  override readonly name = 'ClientClosed'
}

/** The page, or WhatsApp through it, could not be reached when a message was to be handed over. It was certainly not sent. */
export class PageNotReached extends Error {
  override readonly name = 'PageNotReached'
}

/** The page had not handed a message over by its deadline. It was certainly not sent. */
export class SendDeadlinePassed extends Error {
  override readonly name = 'SendDeadlinePassed'
}

/** The page threw before it took the message over. It was certainly not sent. `code` is one of the catalogue's. */
export class NotHandedOver extends Error {
  override readonly name = 'NotHandedOver'
  readonly code: NotSentCode

  constructor(code: NotSentCode, message: string) {
    super(message)
    this.code = code
  }
}

/** An operation that cannot be carried out, as its caller is told. */
export class OperationRefused extends Error {
  override readonly name = 'OperationRefused'
  readonly code: ErrorCode

  /** @param detail may be shown to the caller */
  constructor(code: ErrorCode, detail: string = errorCatalogue[code].sentence) {
    super(detail)
    this.code = code
  }
}

/** The browser or the page failed while the client was being opened. `fault` says how. */
export class ClientFailed extends Error {
  override readonly name = 'ClientFailed'
  readonly fault: ClientFault

  constructor(fault: ClientFault) {
    super(`${fault.kind}: ${fault.detail}`)
    this.fault = fault
  }
}
