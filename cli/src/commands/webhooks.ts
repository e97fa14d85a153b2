import { apiCommand, pageFields } from '../api-command.ts'
import type { Command, Field } from '../command.ts'

const session = 'maybe'
const name: Field = { type: 'text', describe: 'The name of the webhook', isRequired: true, isArgument: true }

/** Of one session with `--session`, else of all. */
export const webhookCommands: readonly Command[] = [
  apiCommand({ name: 'webhooks list', summary: 'Lists the webhooks', request: 'GET /webhooks', session }),
  apiCommand({
    name: 'webhooks show',
    summary: 'Shows a webhook, and what of its events was delivered',
    request: 'GET /webhooks/:name',
    session,
    fields: { name },
  }),
  apiCommand({
    name: 'webhooks set',
    summary: 'Sets a webhook up, in place of the one of that name; a new secret is shown this once',
    request: 'PUT /webhooks/:name',
    session,
    fields: {
      name,
      url: { type: 'text', describe: 'Where events are posted to', isRequired: true, isArgument: true },
      events: { type: 'list', describe: 'Which events, separated by commas; all where it is not said' },
      chats: { type: 'list', describe: 'Only what concerns these chats' },
      headers: { type: 'json', describe: 'Further headers, as a JSON object' },
      secret: { type: 'text', describe: 'What bodies are signed with; one is made where it is not said' },
    },
    examples: ['wsg webhooks set crm https://example.org/hook --events message,message.ack'],
  }),
  apiCommand({
    name: 'webhooks delete',
    summary: 'Removes a webhook',
    request: 'DELETE /webhooks/:name',
    session,
    fields: { name },
    isDestructive: true,
  }),
  apiCommand({
    name: 'webhooks test',
    summary: 'Posts a test event to a webhook, and tells what its receiver answered',
    request: 'POST /webhooks/:name/test',
    session,
    fields: { name },
  }),
  apiCommand({
    name: 'webhooks deliveries',
    summary: 'Lists what became of the deliveries of a webhook, with one line for each attempt',
    request: 'GET /webhooks/:name/deliveries',
    session,
    fields: {
      name,
      status: { type: 'text', describe: 'pending, retrying, delivered or dead (where it is not said)' },
      ...pageFields,
    },
    toRows: ({ id, chatId, status, at, lastAttempt, earlierAttempts }) =>
      [lastAttempt as object | null, ...(earlierAttempts as object[])].map((attempt) => ({
        id,
        chatId,
        status,
        at,
        ...attempt,
      })),
  }),
  apiCommand({
    name: 'webhooks redeliver',
    summary: 'Sends events again that came to a status',
    request: 'POST /webhooks/:name/redeliver',
    session,
    fields: {
      name,
      status: { type: 'text', describe: 'Such as dead', isRequired: true },
      since: { type: 'text', describe: 'Only what came to it then or later' },
    },
  }),
]
