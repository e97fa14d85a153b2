import { type BuildName, buildNames } from '../simulator/builds.ts'

/** Whether what costs much is tested on each build of WhatsApp Web as well: `npm run test:builds`. */
export const onEveryBuild = process.env.BUILDS === 'all'

/** The builds that stand for the others where each would cost too much. */
export const oldestAndNewest = buildNames.filter(
  (_, i) => onEveryBuild || i === 0 || i === buildNames.length - 1,
)

export const newest = onEveryBuild ? buildNames : buildNames.slice(-1)

/** An account for each build, where their sessions share one stack. */
export const phoneOf: Readonly<Record<BuildName, string>> = {
  legacy: '5511911111111',
  '2026-07': '5511922222222',
  '2026-09': '5511933333333',
}
