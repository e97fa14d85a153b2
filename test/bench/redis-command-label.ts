import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'

interface BullScript {
  name: string
  content: string
}

// BullMQ keeps its scripts in files that its own index does not export.
const bullScripts = createRequire(import.meta.url)('bullmq/dist/cjs/scripts') as Record<string, BullScript>
const bullNames = new Map(
  Object.values(bullScripts).map(({ name, content }) => [
    createHash('sha1').update(content).digest('hex'),
    name,
  ]),
)

/** What a command is, without what it is about: ids are left out, a script goes by its name or its first key. */
export function labelOf([command = '', ...words]: string[]): string {
  const name = command.toLowerCase()
  if (name !== 'evalsha' && name !== 'eval') return `${name} ${general(words[0] ?? '')}`.trim()
  const known = bullNames.get(words[0] ?? '')
  return known === undefined ? `script on ${general(words[2] ?? '')}` : `BullMQ ${known}`
}

function general(key: string): string {
  return key
    .replace(/\{[^}]*\}/g, '{id}')
    .replace(/\b3EB0[0-9A-F]{18}\b/g, 'ID')
    .replace(/:[0-9a-f]{16,}\b/g, ':ID')
}
