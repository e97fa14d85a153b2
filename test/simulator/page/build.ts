import { type BuildChangeName, type BuildName, hasChange, versions } from '../builds.ts'

const name = JSON.parse(document.getElementById('boot')?.textContent ?? '') as BuildName

/** Which build of WhatsApp Web this page is, as the server wrote it into the document. */
export const build = {
  version: versions[name],
  has: (change: BuildChangeName): boolean => hasChange(name, change),
}
