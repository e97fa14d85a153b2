import type { Settings } from '../server/settings.ts'

/** Which build of WhatsApp Web this page is, as the server wrote it into the document. */
export const build = JSON.parse(document.getElementById('boot')?.textContent ?? '') as {
  build: Settings['build']
  version: string
}
