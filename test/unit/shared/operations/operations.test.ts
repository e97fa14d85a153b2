import { operationList } from '@wsg/shared/operations/operations.ts'
import { expect, it, test } from 'vitest'

const asked = operationList.filter(({ http }) => http !== undefined)

test.each(operationList.map((entry) => [entry.name, entry] as const))(
  '%s has an example that fits',
  (_name, entry) => {
    expect(entry.input.parse(entry.example.input)).toBeTypeOf('object')
    expect(entry.output.parse(entry.example.output)).toEqual(entry.example.output)
  },
)

it('has one operation for a request, and each that has one needs a page', () => {
  const requests = asked.map(({ http }) => `${http?.method} ${http?.path}`)
  expect(new Set(requests).size).toBe(requests.length)
  expect(asked.filter(({ live }) => !live)).toEqual([])
})

it('takes from a path what the input has', () => {
  for (const { http, input } of asked)
    for (const [, field = ''] of http?.path.matchAll(/:(\w+)/g) ?? [])
      expect(input.shape).toHaveProperty(field)
})
