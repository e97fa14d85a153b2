import { parseArgs } from 'node:util'
import { ConfigError } from '@wsg/shared/config/read-config.ts'
import { readLocalConfig } from '../local/local-config.ts'
import { examine, toText } from './examine.ts'

const USAGE = `Finds out what here keeps the product from running well, and how to mend it.

Usage: npm run wsg -- doctor [--json] [--whatsapp URL]

It reads the variables that npm start and the containers read, and .env. It ends with 1 where something has to be mended.
`

/** @returns the exit code */
export async function doctor(args: string[], environment: NodeJS.ProcessEnv): Promise<0 | 1 | 2> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      whatsapp: { type: 'string', default: 'https://web.whatsapp.com/' },
    },
  })
  if (values.help) {
    process.stdout.write(USAGE)
    return 0
  }
  try {
    const report = await examine({
      config: readLocalConfig('real', environment),
      whatsappUrl: values.whatsapp,
    })
    const isWell = report.every(({ state }) => state !== 'failed')
    console.log(values.json ? JSON.stringify({ ok: isWell, checks: report }, null, 2) : toText(report))
    return isWell ? 0 : 1
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    return 2
  }
}
