import { keys } from '@wsg/shared/redis/keys.ts'
import { defineScript, FIELDS_OF, NOW, runScript } from '@wsg/shared/redis/script.ts'
import { expect, it } from 'vitest'
import { SESSION, scriptGround } from './script-ground.ts'

const ground = scriptGround()

it('an argument is what was given, and nil where nothing was', async () => {
  const script = defineScript(
    {
      text: 'text?',
      none: 'text?',
      number: 'number',
      nothing: 'number?',
      yes: 'flag',
      no: 'flag',
      list: 'texts',
    },
    'return { text == "a b" and none == nil and number == 1.5 and nothing == nil and yes and not no and 1 or 0, list }',
  )
  const list = Array.from({ length: 20_000 }, (_, i) => String(i))
  const given = { text: 'a b', none: null, number: 1.5, nothing: undefined, yes: true, no: false, list }
  expect(await runScript(ground.redis, script, given)).toEqual([1, list])
})

it('a key is the same inside and outside, whatever parts it has', async () => {
  const script = defineScript(
    { session: 'text', part: 'text', numeric: 'number' },
    `return { keys.desired, keys.lease(session), keys.recipient(session, part), keys.dueAt(session, numeric),
      keys.placementJob(session), keys.inState('ready') }`,
  )
  const part = "5511'; return 1 --%"
  expect(
    await runScript(ground.redis, script, { session: SESSION, part, numeric: 1_764_500_000_123 }),
  ).toEqual([
    keys.desired,
    keys.lease(SESSION),
    keys.recipient(SESSION, part),
    keys.dueAt(SESSION, 1_764_500_000_123),
    keys.placementJob(SESSION),
    keys.inState('ready'),
  ])
})

it('tells the time in ms, and a field that is absent as nil', async () => {
  await ground.redis.hset('h', 'a', '1')
  const script = defineScript(
    {},
    `${NOW}${FIELDS_OF}
local fields = fieldsOf('h', 'b', 'a')
return { now, fields.a, fields.b == nil and 1 or 0 }`,
  )
  const before = Date.now()
  const [now, ...fields] = (await runScript(ground.redis, script, {})) as [number, ...unknown[]]
  expect(now).toBeGreaterThan(before - 1_000)
  expect(now).toBeLessThan(Date.now() + 1_000)
  expect(fields).toEqual(['1', 1])
})

it('is given by its text to a Redis that does not know it', async () => {
  const script = defineScript({ part: 'text' }, "return part .. ' is new'")
  expect(await runScript(ground.redis, script, { part: 'it' })).toBe('it is new')
  await ground.redis.script('FLUSH')
  expect(await runScript(ground.redis, script, { part: 'it' })).toBe('it is new')
})
