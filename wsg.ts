import { parseArgs } from 'node:util'
import { ConfigError } from '@wsg/shared/config/read-config.ts'
import { examine, toText } from './doctor/examine.ts'
import { readLocalConfig } from './local/local-config.ts'

const USAGE = `usage: npm run wsg -- doctor [--json] [--whatsapp URL]

  doctor   finds out what here keeps the product from running well, and says how to mend it. It reads the variables that
           npm start and the containers read, and .env. Ends with 1 where something has to be mended.
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    whatsapp: { type: 'string', default: 'https://web.whatsapp.com/' },
  },
})

if (positionals.join(' ') !== 'doctor') {
  process.stderr.write(USAGE)
  process.exitCode = 2
} else process.exitCode = await doctor(values)

async function doctor({ json, whatsapp: whatsappUrl }: typeof values): Promise<0 | 1 | 2> {
  try {
    const report = await examine({ config: readLocalConfig('real', process.env), whatsappUrl })
    const isWell = report.every(({ state }) => state !== 'failed')
    console.log(json ? JSON.stringify({ ok: isWell, checks: report }, null, 2) : toText(report))
    return isWell ? 0 : 1
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    return 2
  }
}
