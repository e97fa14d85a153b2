import { roles } from '@wsg/shared/roles.ts'
import { apiCommand, pageFields } from '../api-command.ts'
import type { Command } from '../command.ts'

export const tokenCommands: readonly Command[] = [
  apiCommand({
    name: 'tokens list',
    summary: 'Lists the tokens that were made, without the tokens themselves',
    request: 'GET /tokens',
  }),
  apiCommand({
    name: 'tokens create',
    summary: 'Makes a token; it is shown this once',
    request: 'POST /tokens',
    fields: {
      name: { type: 'text', describe: 'Who uses it', isRequired: true, isArgument: true },
      role: { type: 'text', describe: 'What it may do', isRequired: true, oneOf: roles },
      sessions: {
        type: 'list',
        describe: 'The sessions that it may touch, such as sales-*; all where it is not said',
      },
      'expires-at': { type: 'text', describe: 'From then on it is refused, such as 2027-12-31T00:00:00Z' },
      'per-minute': { type: 'number', describe: 'How many requests it may make in a minute' },
    },
    examples: ['wsg tokens create shop --role sender --sessions "sales-*"'],
  }),
  apiCommand({
    name: 'tokens revoke',
    summary: 'Takes a token back, at once',
    request: 'DELETE /tokens/:id',
    fields: {
      id: { type: 'text', describe: 'As `wsg tokens list` has it', isRequired: true, isArgument: true },
    },
    isDestructive: true,
  }),
  apiCommand({
    name: 'audit',
    summary: 'Lists who changed what, the newest first',
    request: 'GET /audit',
    session: 'maybe',
    fields: pageFields,
  }),
]
