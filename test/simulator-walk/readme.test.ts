import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultSettings, settingsSchema } from '../simulator/server/settings.ts'

test('the README tells every setting, with its default and its meaning', () => {
  const file = readFileSync(join(import.meta.dirname, '../simulator/README.md'), 'utf8')
  const readme = file.replaceAll(/ {2,}/g, ' ')
  const rows = Object.entries(settingsSchema.shape).map(([name, schema]) => {
    const value = JSON.stringify(Reflect.get(defaultSettings, name))
    return `| \`${name}\` | \`${value}\` | ${schema.description} |`
  })
  expect(readme).toContain(rows.join('\n'))
})
