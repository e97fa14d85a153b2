import { parseArgs } from 'node:util'
import { settingsSchema } from './server/settings.ts'
import { startSimulator } from './simulator.ts'

const { values } = parseArgs({
  options: { data: { type: 'string' }, port: { type: 'string' }, build: { type: 'string' } },
})
if (values.data === undefined)
  throw new Error('node test/simulator/main.ts --data DIR [--port N] [--build legacy|2026-07]')

const simulator = await startSimulator({
  dataDir: values.data,
  ...(values.port !== undefined && { port: Number(values.port) }),
  settings: values.build === undefined ? {} : { build: settingsSchema.shape.build.parse(values.build) },
})
process.stdout.write(`${JSON.stringify({ url: simulator.url, chromiumArgs: simulator.chromiumArgs })}\n`)

const end = () => void simulator.close().then(() => process.exit(0))
process.once('SIGTERM', end)
process.once('SIGINT', end)
process.once('disconnect', end)
