import type { Settings } from './settings.ts'

/** `window.Debug.VERSION` of each build: the last before message keys lost `_serialized`, and the first after. */
export const builds: Record<Settings['build'], string> = {
  legacy: '2.3000.1043085068',
  '2026-07': '2.3000.1043220887',
}
