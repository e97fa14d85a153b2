import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import type { BuildName } from './builds.ts'
import { pageScript } from './server/page-script.ts'
import { defaultSettings } from './server/settings.ts'

/** The `window.require` of a page that is never opened: the modules of a build alone, in a realm without a document. */
export function requireOn(build: BuildName): (name: string) => object {
  const { code } = pageScript(join(import.meta.dirname, 'page/require-module.ts'))
  const boot = { textContent: JSON.stringify({ ...defaultSettings, build, lazyModules: [] }) }
  const globals = { document: { getElementById: () => boot }, navigator, crypto, btoa }
  return runInContext(`${code}\n$files['require-module.ts'].requireModule`, createContext(globals))
}
