import { expect, it } from 'vitest'
import { StartGate } from '../../../local/start-gate.ts'

function gateOfTwo() {
  const started: string[] = []
  return { started, gate: new StartGate<string>(2, (starter) => started.push(starter)) }
}

it('lets no more start at once than there are slots, and the next in order', () => {
  const { started, gate } = gateOfTwo()
  for (const name of ['a', 'b', 'c', 'd']) gate.want(name)
  expect(started).toEqual(['a', 'b'])
  gate.over('a')
  expect(started).toEqual(['a', 'b', 'c'])
})

it('passes over one that died while it waited', () => {
  const { started, gate } = gateOfTwo()
  for (const name of ['a', 'b', 'c', 'd']) gate.want(name)
  gate.over('c')
  gate.over('b')
  expect(started).toEqual(['a', 'b', 'd'])
})

it('gives one slot to one that asks twice', () => {
  const { started, gate } = gateOfTwo()
  gate.want('a')
  gate.over('a')
  gate.over('a')
  for (const name of ['a', 'b', 'c']) gate.want(name)
  expect(started).toEqual(['a', 'a', 'b'])
  expect(gate.isQuiet).toBe(false)
})
