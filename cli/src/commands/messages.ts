import { messageStates } from '@wsg/shared/messages/message-lifecycle.ts'
import { apiCommand, pageFields } from '../api-command.ts'
import type { Command, Field } from '../command.ts'

const id: Field = {
  type: 'text',
  describe: 'The id that `wsg send` printed',
  isRequired: true,
  isArgument: true,
}

export const messageCommands: readonly Command[] = [
  apiCommand({
    name: 'messages list',
    summary: 'Lists the messages of a session, what changed last first; their texts are not shown',
    request: 'GET /messages',
    session: 'one',
    fields: {
      status: { type: 'text', describe: 'Only those in this state', oneOf: messageStates },
      reference: { type: 'text', describe: 'Only those that were sent with this word' },
      since: { type: 'text', describe: 'Only what changed then or later, such as 2027-01-31T08:00:00Z' },
      until: { type: 'text', describe: 'Only what changed then or before' },
      ...pageFields,
    },
  }),
  apiCommand({
    name: 'messages show',
    summary: 'Tells what became of a message',
    request: 'GET /messages/:id',
    session: 'one',
    fields: { id },
  }),
  apiCommand({
    name: 'messages cancel',
    summary: 'Cancels a message that waits',
    request: 'DELETE /messages/:id',
    session: 'one',
    fields: { id },
  }),
  apiCommand({
    name: 'messages forward',
    summary: 'Forwards a message',
    request: 'POST /messages/:id/forward',
    session: 'one',
    fields: {
      id: { ...id, describe: 'The id of the message' },
      to: { type: 'text', describe: 'A phone number or a chat id', isRequired: true, isArgument: true },
    },
  }),
]
