/** Everything on one machine: `npm start`, and with `--sandbox` the same with simulated phones. */
import { banner, callableAddress, warnOfChromium } from './local/banner.ts'
import { gatewayEnvironment, workerEnvironment } from './local/child-environment.ts'
import { missingForConverter, startConverter } from './local/converter-process.ts'
import { noteAddress, openDataFolder } from './local/data-folder.ts'
import { refuseTakenAddress, startGateway } from './local/gateway-process.ts'
import { readLocalConfig } from './local/local-config.ts'
import { followLog } from './local/log-follower.ts'
import { openRedis } from './local/open-redis.ts'
import { Pool } from './local/pool.ts'
import { RunningParts } from './local/running-parts.ts'
import { startSimulator } from './local/simulator-process.ts'

const world = process.argv.includes('--sandbox') ? 'sandbox' : 'real'

// Ended in reverse: the gateway first, then the converter, the workers, Redis, the simulator, and the lock on the data last.
await RunningParts.run(async (parts, note) => {
  const config = readLocalConfig(world, process.env)
  await refuseTakenAddress(config)
  note(`Starting. Everything that is kept goes to ${config.dataDir}`)
  const run = await openDataFolder(config, parts, note)
  const simulator = world === 'sandbox' ? (await parts.add(startSimulator(config, run))).ready : null
  const redis = await openRedis(config, run, parts)
  const settled = { ...config, ...run, environment: redis.environment }
  const environment = workerEnvironment(settled, simulator?.chromiumArgs)
  const pool = await parts.add(new Pool({ ...config, ...run, redis: redis.commands, environment }))
  const converts = config.converterUrl === null && missingForConverter(config.environment).length === 0
  const converter = converts ? await parts.add(startConverter(config, run)) : null
  await pool.firstIdle()
  const urls = { simulator: simulator?.url, converter: converter?.ready }
  const gateway = await parts.add(startGateway(config, run, gatewayEnvironment(settled, urls)))
  const address = callableAddress(config.host, gateway.ready)
  await parts.add(noteAddress(config.dataDir, address))
  const chromiumWarning = warnOfChromium(config)
  console.log(banner({ ...config, ...run, address, phonePage: simulator?.url ?? null, chromiumWarning }))
  if (run.logFile !== null) await parts.add(followLog(run.logFile, note))
})
