import { constants } from 'node:fs'
import { chown, mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, CDPSession, Protocol } from 'puppeteer'
import type { UnixUser } from './isolation.ts'

/** Files that a browser saves to a folder of this machine, each under an id of its own. */
export class Downloads {
  readonly #session: CDPSession
  readonly #folder: string

  /**
   * @param folder is emptied: what is there was left by a browser that died
   * @param user who the browser runs as; null for ours
   */
  static async into(folder: string, browser: Browser, user: UnixUser | null): Promise<Downloads> {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { mode: 0o700 })
    if (user !== null) await chown(folder, user.uid, user.gid)
    const session = await browser.target().createCDPSession()
    await session.send('Browser.setDownloadBehavior', {
      ...{ behavior: 'allowAndName', downloadPath: folder, eventsEnabled: true },
    })
    return new Downloads(session, folder)
  }

  private constructor(session: CDPSession, folder: string) {
    this.#session = session
    this.#folder = folder
  }

  /**
   * Saves a file and reads it, after which it is gone.
   * @param url from which the page saves it
   * @param begin has the page begin
   */
  async *take(url: string, begin: () => Promise<void>): AsyncGenerator<Buffer, void, undefined> {
    const path = await this.#saved(url, begin)
    try {
      // A browser that was taken over could leave a link there to a file of ours.
      const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
      yield* file.createReadStream()
    } finally {
      await rm(path, { force: true })
    }
  }

  async #saved(url: string, begin: () => Promise<void>): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    let id: string | undefined
    const begins = (event: Protocol.Browser.DownloadWillBeginEvent) => {
      if (event.url === url) id = event.guid
    }
    const moves = ({ guid, state }: Protocol.Browser.DownloadProgressEvent) => {
      if (guid !== id) return
      if (state === 'completed') resolve(join(this.#folder, guid))
      if (state === 'canceled') reject(new Error('Chromium did not save a file'))
    }
    this.#session.on('Browser.downloadWillBegin', begins)
    this.#session.on('Browser.downloadProgress', moves)
    try {
      await Promise.all([begin(), promise])
      return await promise
    } finally {
      this.#session.off('Browser.downloadWillBegin', begins)
      this.#session.off('Browser.downloadProgress', moves)
    }
  }
}
