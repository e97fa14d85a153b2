import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildChanges } from '../simulator/builds.ts'
import { accountSwitchesSchema, defaultSettings, settingsSchema } from '../simulator/server/settings.ts'

const file = readFileSync(join(import.meta.dirname, '../simulator/README.md'), 'utf8')
const readme = file.replaceAll(/ {2,}/g, ' ')

test('the README tells every setting, with its default and its meaning', () => {
  const rows = Object.entries(settingsSchema.shape).map(([name, schema]) => {
    const value = JSON.stringify(Reflect.get(defaultSettings, name))
    return `| \`${name}\` | \`${value}\` | ${schema.description} |`
  })
  expect(readme).toContain(rows.join('\n'))
})

test('the README tells every switch of an account', () => {
  const rows = Object.entries(accountSwitchesSchema.shape).map(
    ([name, schema]) => `| \`${name}\` | ${schema.unwrap().description} |`,
  )
  expect(readme).toContain(rows.join('\n'))
})

test('the README tells every change between the builds', () => {
  const rows = Object.entries(buildChanges).map(
    ([name, { since, what }]) => `| \`${name}\` | \`${since}\` | ${what} |`,
  )
  expect(readme).toContain(rows.join('\n'))
})
