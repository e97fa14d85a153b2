import type { CDPSession, Page, Protocol } from 'puppeteer'
import { type PageTaskName, pageTasks } from './bindings.ts'
import { type kitFunctions, kitText } from './kit.ts'
import type { PageNews } from './listeners/page-news.ts'
import { shimMessageKeys } from './message-key-shim.ts'
import type { PageLook } from './missing-bindings.ts'
import type { PerformedAnswer } from './operations/perform-operation.ts'
import { type PageEvent, reportPageEvents } from './page-events.ts'
import type { PageMedia } from './sending/prepare-media.ts'
import type { PageMessage, PageSendOutcome } from './sending/send-message.ts'

const BINDING = 'sessionGatewayTell'
const KIT = 'sessionGatewayKit'
/** What a call fails with in a document that was loaded meanwhile. Nothing was done. */
export const KIT_ABSENT = 'the document does not have the kit'

type KitFunctions = typeof kitFunctions
type KitFunctionName = keyof KitFunctions
type KitAnswer<N extends KitFunctionName> = Awaited<ReturnType<KitFunctions[N]>>

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
    await this.call('hearNews')
  }

  /** Whether the page has answered, or told something by itself, within so many ms. */
  heardWithin(ms: number): boolean {
    return performance.now() - this.#heardAt <= ms
  }

  /** Resolves when the page has answered: whatever ended it before is known by then. */
  async reach(): Promise<void> {
    await this.#evaluate('0')
  }

  /**
   * Calls one of our functions. What it is given and returns travels as JSON.
   * @throws what it threw, and KIT_ABSENT
   */
  async call<N extends KitFunctionName>(
    name: N,
    ...given: Parameters<KitFunctions[N]>
  ): Promise<KitAnswer<N>> {
    return await this.#evaluate<KitAnswer<N>>(kept(callOf(name, given)))
  }

  /** A document that was loaded just now has no kit yet, and takes nothing. */
  async send(message: PageMessage): Promise<PageSendOutcome> {
    return await this.#evaluate(
      `window.${KIT} ? ${kept(callOf('sendMessage', [message]))} : { outcome: 'not_reached' }`,
    )
  }

  /** @returns false where Chromium could not read the file */
  async prepareMedia(path: string, media: PageMedia): Promise<boolean> {
    return await this.#withFile(path, (input) => `prepareMedia(${input}, ${JSON.stringify(media)})`)
  }

  /** Carries out an operation that is about a file of this machine as well. */
  async performOnFile(
    path: string,
    name: string,
    input: unknown,
    deadline: number,
  ): Promise<PerformedAnswer> {
    const given = argumentsOf([name, input, deadline])
    return await this.#withFile(path, (chosen) => `performOperation(${given}, ${chosen}.files[0])`)
  }

  /** What the page says of itself, and which of all bindings it lacks. What has come meanwhile is listened to from now on. */
  async look(): Promise<PageLook> {
    await this.call('hearNews')
    return await this.call('lookAtPage')
  }

  /** Which bindings of a task the page lacks. */
  async lacksFor(task: PageTaskName): Promise<string[]> {
    return await this.call('missingBindings', pageTasks[task].needs)
  }

  async letGoOfPiece(url: string): Promise<void> {
    await this.#evaluate(`URL.revokeObjectURL(${JSON.stringify(url)})`)
  }

  async letGoOfFile(messageId: string): Promise<void> {
    await this.#evaluate(kept(`fetchedFiles.delete(${JSON.stringify(messageId)})`))
  }

  async discardMedia(messageId: string): Promise<void> {
    await this.#evaluate(kept(`preparedMedia.delete(${JSON.stringify(messageId)})`))
  }

  async collectGarbage(): Promise<void> {
    await this.#session?.send('HeapProfiler.collectGarbage')
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

/** A call of one of our functions as JavaScript. */
function callOf(name: KitFunctionName, given: readonly unknown[]): string {
  return `${name}(${argumentsOf(given)})`
}

function argumentsOf(given: readonly unknown[]): string {
  return given.map((argument) => JSON.stringify(argument)).join()
}

/** Has the answer of a call held until it was read. A document that was loaded meanwhile does not have our functions yet. */
function kept(call: string): string {
  const absent = `Promise.reject(new Error('${KIT_ABSENT}'))`
  return `(window.${KIT} ? window.${KIT}.keep(window.${KIT}.${call}) : ${absent})`
}
