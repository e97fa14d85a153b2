import type { PageSettings } from '../wire.ts'
import { JsonFile } from './json-file.ts'
import {
  type AccountSwitches,
  defaultSettings,
  type Settings,
  settingsPatchSchema,
  settingsSchema,
} from './settings.ts'

/** The settings in force. Every change is checked as a whole before any of it holds, and is kept for a restart. */
export class SettingsStore {
  readonly #file: JsonFile<Partial<Settings>>
  #current: Settings

  constructor(path: string, overrides: Partial<Settings>) {
    this.#file = new JsonFile(path)
    // A folder of an older version may hold settings that are gone.
    const file = Object.entries(this.#file.read() ?? {}).filter(([name]) => name in settingsSchema.shape)
    const kept = settingsPatchSchema.parse({ ...Object.fromEntries(file), ...overrides })
    this.#current = { ...defaultSettings, ...withoutUndefined(kept) }
    this.#file.write(this.#current)
  }

  get current(): Settings {
    return this.#current
  }

  switchesOf(account: string | undefined): AccountSwitches {
    return (account !== undefined && this.#current.accounts[account]) || {}
  }

  forPage(account: string | undefined): PageSettings {
    const { syncDelayMs, reconnectDelayMs, staleLogin, chatNeedsLid, hangPage, leakMbPerSecond } =
      this.#current
    const { syncWaits, offlineWaitLimitMs } = this.#current
    return {
      ...{ syncDelayMs, reconnectDelayMs, staleLogin, chatNeedsLid, hangPage, leakMbPerSecond },
      ...{ syncWaits, offlineWaitLimitMs },
      account: this.switchesOf(account),
    }
  }

  /** Throws a ZodError that names every unknown setting and every wrong value. */
  change(patch: unknown): Settings {
    this.#replace({ ...this.#current, ...withoutUndefined(settingsPatchSchema.parse(patch)) })
    return this.#current
  }

  reset(): void {
    this.#replace(defaultSettings)
  }

  #replace(settings: Settings): void {
    this.#current = settings
    this.#file.write(settings)
  }
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
