/** Everything on one machine: `npm start`, and with `--sandbox` the same with simulated phones. */
import { banner, callableAddress } from './local/banner.ts'
import { childEnvironment } from './local/child-environment.ts'
import { refuseTakenAddress, startGateway } from './local/gateway-process.ts'
import { readLocalConfig } from './local/local-config.ts'
import { openData } from './local/open-data.ts'
import { openRedis } from './local/open-redis.ts'
import { RunningParts } from './local/running-parts.ts'
import { startSimulator } from './local/simulator-process.ts'
import { startPool } from './local/start-pool.ts'

const world = process.argv.includes('--sandbox') ? 'sandbox' : 'real'

// Ended in reverse: the gateway first, then the workers, Redis, the simulator, and the lock on the data last.
await RunningParts.run(async (parts, note) => {
  const config = readLocalConfig(world, process.env)
  await refuseTakenAddress(config)
  note(`Starting. Everything that is kept goes to ${config.dataDir}`)
  const run = await openData(config, parts, note)
  const simulator = world === 'sandbox' ? (await parts.add(startSimulator(config, run))).ready : null
  const redis = await openRedis(config, run, parts)
  const environment = childEnvironment({ ...config, ...redis }, run, simulator?.chromiumArgs)
  const pool = await parts.add(startPool(config, run, redis.commands, environment))
  await pool.firstIdle()
  const gateway = await parts.add(startGateway(config, run, environment))
  const address = callableAddress(config.host, gateway.ready)
  console.log(banner({ ...config, ...run, address, phonePage: simulator?.url ?? null }))
})
