import { fakeHarness } from './fake-harness.ts'
import { describeWhatsAppClient } from './whatsapp-client.contract.ts'

describeWhatsAppClient('the fake that stands in for it', fakeHarness)
