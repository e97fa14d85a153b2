import type { PageGlobals } from '../page-globals.ts'

/** Runs in the page: how many bytes of a file under way its upload has sent. @param filehash Base64 of the SHA-256 of the file */
export function sentBytes(filehash: string): number {
  const page = window as unknown as PageGlobals
  return page.require('WAWebMediaStorage').getOrCreateMediaObject(filehash).loadedSize ?? 0
}
