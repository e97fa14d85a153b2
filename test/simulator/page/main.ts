import { build } from './build.ts'
import { crash } from './crash.ts'
import { messageStorage } from './message-storage.ts'
import { requireModule } from './modules.ts'
import { startSession } from './session.ts'
import { showStatus } from './show-status.ts'
import { wireLink } from './wire-link.ts'

Object.assign(window, { require: requireModule, Debug: { VERSION: build.version } })
wireLink.on('crash', crash)
wireLink.on('reload', () => location.reload())
addEventListener('pagehide', () => messageStorage.flush())
showStatus()
startSession()
