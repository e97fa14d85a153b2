import type { AddressInfo } from 'node:net'
import { ConfigError } from '@wsg/shared/config/read-config.ts'
import { createLogger } from '@wsg/shared/logger.ts'
import closeWithGrace from 'close-with-grace'
import { type GatewayConfig, readGatewayConfig } from './config.ts'
import { createGateway } from './gateway.ts'

/** More than `Gateway.close` ever takes. */
const CLOSE_WITHIN_MS = 5_000

const config = configOrExit()
const log = createLogger('gateway', config.LOG_LEVEL)
const gateway = await createGateway(config, log)

const closer = closeWithGrace({ delay: CLOSE_WITHIN_MS, logger: false }, async ({ signal, err }) => {
  if (err) log.fatal({ err }, 'unexpected error, closing')
  else log.info({ signal: signal ?? null }, 'closing')
  await gateway.close()
})
// Forked by the one-machine start: its end is ours.
process.once('disconnect', () => void closer.close())

await gateway.app.listen({ host: config.HOST, port: config.PORT })
const { port } = gateway.app.server.address() as AddressInfo
process.send?.({ type: 'listening', port })

function configOrExit(): GatewayConfig {
  try {
    return readGatewayConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}
