import type { Command } from './command.ts'
import { bulkCommand } from './commands/bulk.ts'
import { eventsCommand } from './commands/events.ts'
import { messageCommands } from './commands/messages.ts'
import { operationCommands } from './commands/op.ts'
import { pairCommand } from './commands/pair.ts'
import { selftestCommand } from './commands/selftest.ts'
import { sendCommand } from './commands/send.ts'
import { sessionCommands } from './commands/sessions.ts'
import { tokenCommands } from './commands/tokens.ts'
import { webhookCommands } from './commands/webhooks.ts'

/** Every command that asks a gateway, in the order of the help. */
export const commands: readonly Command[] = [
  pairCommand,
  sendCommand,
  bulkCommand,
  eventsCommand,
  ...sessionCommands,
  ...messageCommands,
  ...webhookCommands,
  ...tokenCommands,
  selftestCommand,
  ...operationCommands,
]
