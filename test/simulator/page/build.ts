import { type BuildChangeName, hasChange, versions } from '../builds.ts'
import type { PageBoot } from '../wire.ts'

/** What the server wrote into the document: which build of WhatsApp Web this page is, and what it lacks. */
export const boot = JSON.parse(document.getElementById('boot')?.textContent ?? '') as PageBoot

export const build = {
  version: versions[boot.build],
  has: (change: BuildChangeName): boolean => hasChange(boot.build, change),
}
