import type { Command, Field } from './command.ts'
import { commands } from './commands.ts'

const GLOBAL = `  --session ID   the session that is meant; WSG_SESSION, or the only one there is, where it is not said
  --url URL      the gateway; WSG_URL, or the one that npm start or npm run sandbox runs here, where it is not said
  --token TOKEN  its token; WSG_TOKEN, or the one of that start, where it is not said
  --sandbox      the gateway of npm run sandbox, where both run
  --json         results as JSON, one a line
  --yes          nobody is asked whether it is meant`

/** All commands by name; those of operations are one line. */
export function overview(): string {
  const shown = commands.filter(({ name }) => !name.startsWith('op '))
  const rows = [
    ...shown.map(({ name, summary }) => [name, summary] as const),
    ['op', 'Lists the operations: chats, groups, contacts, own messages and account'] as const,
    ['op NAME', 'Asks for one, such as: wsg op chat.archive --chat 5511999887766'] as const,
    ['doctor', 'Finds out what here keeps the product from running well, and how to mend it'] as const,
  ]
  return `Usage: npm run wsg -- COMMAND [ARGUMENTS] [OPTIONS]        (in a container: node wsg.ts COMMAND …)

First steps:
  npm run wsg -- pair shop                      shows a QR code; scan it with WhatsApp on your phone
  npm run wsg -- send 5511999887766 "Hello"     sends from it
  npm run wsg -- events                         shows what comes back

Commands (wsg COMMAND --help tells more):
${columns(rows)}

Options of all of them:
${GLOBAL}

It ends with 0 when all went well, 1 when something was refused or not sent, 2 when it was not understood, 3 when the gateway was not
reached or does not know the token, 4 when what was sent is accepted and still on its way.
`
}

export function listOperations(): string {
  return columns(
    commands.filter(({ name }) => name.startsWith('op ')).map(({ name, summary }) => [name, summary]),
  )
}

export function helpOf({ name, summary, fields = {}, examples = [], namesSession = false }: Command): string {
  const all = Object.entries(fields)
  const typed = all.filter(([, { isArgument }]) => isArgument)
  const options = all.filter(([, { isArgument }]) => !isArgument)
  const words = [
    ...(namesSession ? ['SESSION'] : []),
    ...typed.map(([field, { isRequired }]) =>
      isRequired ? field.toUpperCase() : `[${field.toUpperCase()}]`,
    ),
  ]
  const parts = [
    `${summary}.`,
    `Usage: wsg ${[name, ...words].join(' ')} [OPTIONS]`,
    ...(typed.length > 0
      ? [columns(typed.map(([field, about]) => [field.toUpperCase(), sayOf(about)]))]
      : []),
    ...(options.length > 0
      ? [`Options:\n${columns(options.map(([field, about]) => [optionOf(field, about), sayOf(about)]))}`]
      : []),
    `Options of all commands:\n${GLOBAL}`,
    ...(examples.length > 0 ? [`Examples:\n${examples.map((example) => `  ${example}`).join('\n')}`] : []),
  ]
  return `${parts.join('\n\n')}\n`
}

function optionOf(field: string, { type }: Field): string {
  if (type === 'flag') return `--${field}`
  return `--${field} ${{ text: 'TEXT', number: 'NUMBER', list: 'A,B', json: 'JSON' }[type]}`
}

function sayOf({ describe, isRequired = false, isArgument = false, oneOf }: Field): string {
  const words =
    oneOf === undefined ? describe : `${describe}${describe === '' ? '' : ': '}${oneOf.join(', ')}`
  return isRequired && !isArgument ? `${words} (needed)` : words
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, told]) => `  ${name.padEnd(width)}  ${told}`.trimEnd()).join('\n')
}
