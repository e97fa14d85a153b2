import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { buildNames } from './builds.ts'
import { settingsSchema } from './server/settings.ts'
import { startSimulator } from './simulator.ts'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    port: { type: 'string' },
    host: { type: 'string' },
    build: { type: 'string' },
    'chromium-args': { type: 'string' },
  },
})
if (values.data === undefined)
  throw new Error(
    `node test/simulator/main.ts --data DIR [--port N] [--host NAME] [--build ${buildNames.join('|')}] [--chromium-args FILE]`,
  )

const simulator = await startSimulator({
  dataDir: values.data,
  ...(values.port !== undefined && { port: Number(values.port) }),
  ...(values.host !== undefined && { host: values.host }),
  settings: values.build === undefined ? {} : { build: settingsSchema.shape.build.parse(values.build) },
})
const quoted = simulator.chromiumArgs.map((arg) => `'${arg}'`).join(' ')
if (values['chromium-args'] !== undefined) writeFileSync(values['chromium-args'], `${quoted}\n`)
process.stdout.write(`${JSON.stringify({ url: simulator.url, chromiumArgs: simulator.chromiumArgs })}\n`)

const end = () => void simulator.close().then(() => process.exit(0))
process.once('SIGTERM', end)
process.once('SIGINT', end)
process.once('disconnect', end)
