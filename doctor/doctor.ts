import { parseArgs } from 'node:util'
import { ConfigError } from '@wsg/shared/config/read-config.ts'
import { readLocalConfig } from '../local/local-config.ts'
import { examine, type Report, toText } from './examine.ts'

const USAGE = `Finds out what here keeps the product from running well, and how to mend it.

Usage: npm run wsg -- doctor [--json] [--whatsapp URL]

It reads the variables that npm start and the containers read, and .env. It ends with 1 where something has to be mended.
`

/** @returns the exit code */
export async function doctor(args: string[], environment: NodeJS.ProcessEnv): Promise<0 | 1 | 2> {
  const values = readOptions(args)
  if (values === null) return 2
  if (values.help) {
    process.stdout.write(USAGE)
    return 0
  }
  const report = await examineBy(environment, values.whatsapp)
  const isWell = report.every(({ state }) => state !== 'failed')
  console.log(values.json ? JSON.stringify({ ok: isWell, checks: report }, null, 2) : toText(report))
  return isWell ? 0 : 1
}

/** @returns null where they cannot be meant; that was said */
function readOptions(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        whatsapp: { type: 'string', default: 'https://web.whatsapp.com/' },
      },
    })
    return values
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`)
    return null
  }
}

/** Where the variables cannot be read there is nothing else to look at. */
async function examineBy(environment: NodeJS.ProcessEnv, whatsappUrl: string): Promise<Report> {
  try {
    return await examine({ config: readLocalConfig('real', environment), whatsappUrl })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return [
      {
        name: 'configuration',
        state: 'failed',
        found: 'nothing starts with these variables, and nothing else was looked at',
        cause: `${error.faults.join('; ')}.`,
        cure: 'Mend them in the environment or in .env; docs/configuration.md has them all.',
      },
    ]
  }
}
