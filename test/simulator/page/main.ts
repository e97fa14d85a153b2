import { build } from './build.ts'
import { crash } from './crash.ts'
import { messageStorage } from './message-storage.ts'
import { WAWebLinkDeviceEvents } from './modules/wa-web-link-device-events.ts'
import { requireLazy, requireModule } from './require-module.ts'
import { startSession } from './session.ts'
import { showStatus } from './show-status.ts'
import { wireLink } from './wire-link.ts'

Object.assign(window, { require: requireModule, requireLazy, Debug: { VERSION: build.version } })
wireLink.on('crash', crash)
wireLink.on('passkey', () => WAWebLinkDeviceEvents.WAWebLinkDeviceEvents.triggerPasskeyPrologueRequest?.())
wireLink.on('reload', () => location.reload())
addEventListener('pagehide', () => messageStorage.flush())
showStatus()
startSession()
