import type { LocalConfig } from '../local/local-config.ts'

/** What a check found. What is wrong has a cause and a cure, in sentences. */
export type Finding =
  /** `unknown`: it could not be looked at, for what another check says. */
  | { state: 'ok' | 'unknown'; found: string }
  /** `warning`: it runs, and something is at risk. `failed`: it does not run. */
  | { state: 'warning' | 'failed'; found: string; cause: string; cure: string }

export interface Examined {
  config: LocalConfig
  /** Where WhatsApp Web is. */
  whatsappUrl: string
}

export interface Check {
  name: string
  /** Never rejects for what it looks for. */
  run(examined: Examined): Promise<Finding>
}

/** What an error says, as a sentence. */
export function oneLine(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
  return /[.!?]$/.test(text) ? text : `${text}.`
}

export function ok(found: string): Finding {
  return { state: 'ok', found }
}
