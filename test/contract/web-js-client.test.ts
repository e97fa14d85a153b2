import { simulatorHarness } from './simulator-harness.ts'
import { describeWhatsAppClient } from './whatsapp-client.contract.ts'

for (const build of ['legacy', '2026-09'] as const) {
  describeWhatsAppClient(`whatsapp-web.js on the ${build} build`, () => simulatorHarness({ build }))
}
