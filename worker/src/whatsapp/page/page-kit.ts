import type { CDPSession, Page, Protocol } from 'puppeteer'
import type { ChatState } from '../whatsapp-client.ts'
import { bindings, type PageTaskName, pageTasks } from './bindings.ts'
import { collectMissed, type MissedSince } from './collect-missed.ts'
import { describeMessage, type PageMessageFacts } from './describe-message.ts'
import { fetchLinkPreview } from './fetch-link-preview.ts'
import { type FilePiece, fetchMedia, type PageFile, pieceOfFile, saveFile } from './fetch-media.ts'
import {
  findAnyMessage,
  findMessage,
  findOutcome,
  type PageFinding,
  readAcks,
  resendMessage,
} from './find-message.ts'
import { followSend } from './follow-send.ts'
import { forwardMessage } from './forward-message.ts'
import { keep, lidOf, logOut, otherIdentityOf, roundTrip, showState } from './functions.ts'
import { isMe, membersOf, whyNotToGroup } from './groups.ts'
import { guardHandOver } from './guard-hand-over.ts'
import { describeAct, tellEdit, tellRevocation } from './listeners/acts.ts'
import { followPresence } from './listeners/chats.ts'
import { guarded, hearCalls, hearNews } from './listeners/hear-news.ts'
import { watchDecryption } from './listeners/messages.ts'
import { pageListeners } from './listeners/page-listeners.ts'
import type { PageNews } from './listeners/page-news.ts'
import { shimMessageKeys } from './message-key-shim.ts'
import { lookAtPage, missingBindings, type PageLook } from './missing-bindings.ts'
import { notWritten } from './not-written.ts'
import { isNewChat } from './operations/chats.ts'
import { needsOf, type PageOperationName, pageOperations } from './operations/page-operations.ts'
import { type PerformedAnswer, performOperation } from './operations/perform-operation.ts'
import { sharedFunctions } from './operations/shared-functions.ts'
import { subjects } from './operations/subjects.ts'
import { type PageEvent, reportPageEvents } from './page-events.ts'
import { personOf } from './person-of.ts'
import { postStatus } from './post-status.ts'
import { type PageMedia, prepareMedia } from './prepare-media.ts'
import { type PageMessage, type PageSendOutcome, sendMessage } from './send-message.ts'
import { sendToChannel } from './send-to-channel.ts'
import { sendToChat } from './send-to-chat.ts'
import { sentBytes } from './sent-bytes.ts'
import { takeOver } from './take-over.ts'
import { tellActs, tellVote } from './tell-acts.ts'
import { withStickerPack } from './with-sticker-pack.ts'

const BINDING = 'sessionGatewayTell'
const KIT = 'sessionGatewayKit'
/** What a call fails with in a document that was loaded meanwhile. Nothing was done. */
export const KIT_ABSENT = 'the document does not have the kit'

const functions = {
  keep,
  guardHandOver,
  followSend,
  fetchLinkPreview,
  prepareMedia,
  sentBytes,
  fetchMedia,
  pieceOfFile,
  saveFile,
  sendMessage,
  sendToChat,
  forwardMessage,
  sendToChannel,
  postStatus,
  takeOver,
  isMe,
  membersOf,
  whyNotToGroup,
  findMessage,
  findAnyMessage,
  findOutcome,
  readAcks,
  resendMessage,
  otherIdentityOf,
  lidOf,
  roundTrip,
  showState,
  withStickerPack,
  logOut,
  personOf,
  describeMessage,
  describeAct,
  guarded,
  hearCalls,
  hearNews,
  watchDecryption,
  followPresence,
  tellActs,
  tellEdit,
  tellRevocation,
  tellVote,
  collectMissed,
  lookAtPage,
  missingBindings,
  performOperation,
  isNewChat,
  ...sharedFunctions,
}

const operations = Object.entries(pageOperations).map(
  ([name, { run, ...rest }]) =>
    `'${name}': { ${text({ ...rest, needs: needsOf(name as PageOperationName) })}, run: ${run} }`,
)

const listeners = Object.entries(pageListeners).map(
  ([name, { listen }]) => `'${name}': { listen: ${listen} }`,
)

/** What the functions read and keep. */
const data = {
  kinds: Object.fromEntries([...bindings].map(([name, { kind }]) => [name, kind])),
  subjects,
  notWritten,
  wantAvailable: 0,
  isAskedOnline: false,
}

const kitText = `{ ${text(data)}, ${Object.entries(functions).map(([name, code]) => `${name}: ${code}`)}, kept: new Set(), linkPreviews: new Map(), preparedMedia: new Map(), fetchedFiles: new Map(), forwards: [], sends: new Map(), watched: new Set(), listeners: { ${listeners} }, operations: { ${operations} } }`

/** The fields of an object as JavaScript. */
function text(fields: object): string {
  return JSON.stringify(fields).slice(1, -1)
}

/** Our functions inside of one page. They are put there once per document and then called by name. */
export class PageKit {
  readonly #page: Page
  #session: CDPSession | undefined
  #heardAt = Number.NEGATIVE_INFINITY

  constructor(page: Page) {
    this.#page = page
  }

  /** Hears what the page reports, through a bare binding, which has no answers. */
  async listen(onEvent: (event: PageEvent | PageNews) => void): Promise<void> {
    this.#session = await this.#page.createCDPSession()
    this.#session.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name !== BINDING) return
      this.#heardAt = performance.now()
      for (const event of JSON.parse(payload) as (PageEvent | PageNews)[]) onEvent(event)
    })
  }

  /** Makes the document's modules fit for whatsapp-web.js and reports its events. May be called again. */
  async install(): Promise<void> {
    // Again for every document: it would come back by itself only with the whole Runtime domain switched on.
    await this.#session?.send('Runtime.addBinding', { name: BINDING })
    await this.#page.evaluate(`window.${KIT} ??= ${kitText}`)
    await this.#page.evaluate(shimMessageKeys)
    await this.#page.evaluate(reportPageEvents, BINDING)
    await this.#run('hearNews()')
  }

  /** Whether the page has answered, or told something by itself, within so many ms. */
  heardWithin(ms: number): boolean {
    return performance.now() - this.#heardAt <= ms
  }

  /** Resolves when the page has answered: whatever ended it before is known by then. */
  async reach(): Promise<void> {
    await this.#evaluate('0')
  }

  /** @returns false where it took too long and was given up */
  async fetchLinkPreview(request: { messageId: string; text: string; limitMs: number }): Promise<boolean> {
    return await this.#run(`fetchLinkPreview(${JSON.stringify(request)})`)
  }

  /** @returns false where Chromium could not read the file */
  async prepareMedia(path: string, media: PageMedia): Promise<boolean> {
    return await this.#withFile(path, (input) => `prepareMedia(${input}, ${JSON.stringify(media)})`)
  }

  async sentBytes(filehash: string): Promise<number> {
    return await this.#run(`sentBytes(${JSON.stringify(filehash)})`)
  }

  async fetchMedia(given: { messageId: string; maxBytes: number; limitMs: number }): Promise<PageFile> {
    return await this.#run(`fetchMedia(${JSON.stringify(given)})`)
  }

  /** @returns a URL of the page */
  async pieceOfFile(piece: FilePiece): Promise<string> {
    return await this.#evaluate(`window.${KIT}.pieceOfFile(${JSON.stringify(piece)})`)
  }

  async saveFile(url: string): Promise<void> {
    await this.#run(`saveFile(${JSON.stringify(url)})`)
  }

  async letGoOfPiece(url: string): Promise<void> {
    await this.#evaluate(`URL.revokeObjectURL(${JSON.stringify(url)})`)
  }

  async letGoOfFile(messageId: string): Promise<void> {
    await this.#run(`fetchedFiles.delete(${JSON.stringify(messageId)})`)
  }

  async discardMedia(messageId: string): Promise<void> {
    await this.#run(`preparedMedia.delete(${JSON.stringify(messageId)})`)
  }

  /** A document that was loaded just now has no kit yet, and takes nothing. */
  async send(message: PageMessage): Promise<PageSendOutcome> {
    return await this.#evaluate(
      `window.${KIT} ? ${kept(`sendMessage(${JSON.stringify(message)})`)} : { outcome: 'not_reached' }`,
    )
  }

  /** @returns null where the page does not know the message */
  async resend(message: {
    messageId: string
    chatId: string
    deadline: number
  }): Promise<PageSendOutcome | null> {
    const { messageId, chatId, deadline } = message
    return await this.#run(`resendMessage(${JSON.stringify({ messageId, chatId, deadline })})`)
  }

  async perform(name: string, input: unknown, deadline: number): Promise<PerformedAnswer> {
    return await this.#run(`performOperation(${json(name, input, deadline)})`)
  }

  /** Carries out what is about a file of this machine as well. */
  async performOnFile(
    path: string,
    name: string,
    input: unknown,
    deadline: number,
  ): Promise<PerformedAnswer> {
    const given = json(name, input, deadline)
    return await this.#withFile(path, (chosen) => `performOperation(${given}, ${chosen}.files[0])`)
  }

  async isNewChat(chatId: string): Promise<boolean> {
    return await this.#run(`isNewChat(${JSON.stringify(chatId)})`)
  }

  /** What the page says of itself, and which of all bindings it lacks. What has come meanwhile is listened to from now on. */
  async look(): Promise<PageLook> {
    await this.#run('hearNews()')
    return await this.#run('lookAtPage()')
  }

  /** Which bindings of a task the page lacks. */
  async lacksFor(task: PageTaskName): Promise<string[]> {
    return await this.#run(`missingBindings(${JSON.stringify(pageTasks[task].needs)})`)
  }

  async findOutcome(messageId: string, chatId: string | null): Promise<PageFinding | null> {
    return await this.#run(`findOutcome(${JSON.stringify(messageId)}, ${JSON.stringify(chatId)})`)
  }

  async readAcks(fullIds: readonly string[]): Promise<{ id: string; ack: number }[]> {
    return await this.#run(`readAcks(${JSON.stringify(fullIds)})`)
  }

  async collectMissed(since: MissedSince): Promise<PageMessageFacts[]> {
    return await this.#run(`collectMissed(${JSON.stringify(since)})`)
  }

  async roundTrip(): Promise<string> {
    return await this.#run('roundTrip()')
  }

  async showState(chatId: string, state: ChatState): Promise<void> {
    await this.#run(`showState(${JSON.stringify(chatId)}, ${JSON.stringify(state)})`)
  }

  /** The hidden identity that goes with a chat, where the page has learned it. */
  async lidOf(chatId: string): Promise<string | null> {
    return await this.#run(`lidOf(${JSON.stringify(chatId)})`)
  }

  async collectGarbage(): Promise<void> {
    await this.#session?.send('HeapProfiler.collectGarbage')
  }

  async logout(): Promise<void> {
    await this.#run('logOut()')
  }

  /**
   * Calls one of our functions with a file of this machine, whose bytes go from disk into the page and never through here.
   * @param call what is called with the input that has the file, or none where Chromium could not read it
   */
  async #withFile<T>(path: string, call: (input: string) => string): Promise<T> {
    const session = this.#opened()
    const input = `Object.assign(document.createElement('input'), { type: 'file' })`
    const { objectId = '' } = (await session.send('Runtime.evaluate', { expression: input })).result
    try {
      await session.send('DOM.setFileInputFiles', { files: [path], objectId })
      return await this.#answerOf(
        session.send('Runtime.callFunctionOn', {
          ...{ objectId, functionDeclaration: `function () { return ${kept(call('this'))} }` },
          ...{ awaitPromise: true, returnByValue: true },
        }),
      )
    } finally {
      session.send('Runtime.releaseObject', { objectId }).catch(() => {})
    }
  }

  async #run<T>(call: string): Promise<T> {
    return await this.#evaluate(kept(call))
  }

  /** As puppeteer's `Page.evaluate`, which takes a stack trace and a mark of the source along for each call. */
  async #evaluate<T>(expression: string): Promise<T> {
    const session = this.#opened()
    return await this.#answerOf(
      session.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true }),
    )
  }

  async #answerOf<T>(asked: Promise<Protocol.Runtime.EvaluateResponse>): Promise<T> {
    const { result, exceptionDetails } = await asked
    this.#heardAt = performance.now()
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value as T
  }

  #opened(): CDPSession {
    if (this.#session === undefined) throw new Error('the page is not listened to')
    return this.#session
  }
}

/** Arguments as JavaScript. */
function json(...given: unknown[]): string {
  return given.map((argument) => JSON.stringify(argument)).join()
}

/** A call of one of our functions, whose answer cannot get lost. A document that was loaded meanwhile does not have them yet. */
function kept(call: string): string {
  const absent = `Promise.reject(new Error('${KIT_ABSENT}'))`
  return `(window.${KIT} ? window.${KIT}.keep(window.${KIT}.${call}) : ${absent})`
}
