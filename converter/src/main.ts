import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { ConfigError } from '@wsg/shared/config/read-config.ts'
import { createLogger } from '@wsg/shared/logger.ts'
import closeWithGrace from 'close-with-grace'
import { type ConverterConfig, readConverterConfig } from './config.ts'
import { createConverter } from './server.ts'

const config = configOrExit()
const log = createLogger('converter', config.LOG_LEVEL)
const server = createConverter({
  maxBytes: config.MAX_MEDIA_MB * 1_000_000,
  conversionMs: config.CONVERSION_SECONDS * 1_000,
  log,
})

// What is being converted is given up: whoever waits is told to come again.
const closer = closeWithGrace({ delay: 2_000, logger: false }, async ({ err }) => {
  if (err) log.fatal({ err }, 'unexpected error, closing')
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
})
// Forked by the one-machine start: its end is ours.
process.once('disconnect', () => void closer.close())

server.listen(config.PORT, config.HOST)
await once(server, 'listening')
process.send?.({ type: 'listening', port: (server.address() as AddressInfo).port })

function configOrExit(): ConverterConfig {
  try {
    return readConverterConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}
