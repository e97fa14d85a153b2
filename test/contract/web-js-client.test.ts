import { oldestAndNewest } from '../support/tested-builds.ts'
import { simulatorHarness } from './simulator-harness.ts'
import { describeWhatsAppClient } from './whatsapp-client.contract.ts'

for (const build of oldestAndNewest) {
  describeWhatsAppClient(`whatsapp-web.js on the ${build} build`, () => simulatorHarness({ build }))
}
