import { createHash } from 'node:crypto'
import type { RedisClient } from './connection/redis-client.ts'
import { commandsOf } from './connection/redis-commands.ts'
import { keys } from './keys.ts'

/**
 * Lua scripts with names. A script declares its arguments once, as `{ name: kind }`. In its Lua each argument is a local of
 * that name, and `keys` has the same entries as `keys` of `keys.ts`: `redis.call('GET', keys.lease(session))`. Keys are put
 * together inside the scripts, so that one server holds them all: scripts do not fit a Redis Cluster.
 */

/** What an argument is on either side; `null` and `undefined` are `nil` in Lua. */
interface ArgumentKinds {
  text: string
  'text?': string | null | undefined
  number: number
  'number?': number | null | undefined
  flag: boolean
  /** Any number of texts, as a table. It has to be the last argument. */
  texts: readonly string[]
  /** Fields and values in turn, as a table for `HSET`; `undefined` is left out, `null` is empty. It has to be the last argument. */
  pairs: Readonly<Record<string, string | number | null | undefined>>
}

type Declaration = Readonly<Record<string, keyof ArgumentKinds>>

export interface Script<D extends Declaration> {
  readonly declaration: D
  readonly lua: string
  readonly sha: string
}

/** Lua: `now`, Redis' time in epoch ms. */
export const NOW = `
local seconds, microseconds = unpack(redis.call('TIME'))
local now = seconds * 1000 + math.floor(microseconds / 1000)
`

/** Lua: `fieldsOf(key, ...)` reads those fields of a hash into a table; what is absent is nil there. */
export const FIELDS_OF = `
local function fieldsOf(key, ...)
  local names, fields = { ... }, {}
  for i, value in ipairs(redis.call('HMGET', key, ...)) do fields[names[i]] = value or nil end
  return fields
end
`

/** Lua: `keep(key, ms)` lets a key live for so long from now on, and never shortens what it has. */
export const KEEP = `
local function keep(key, ms)
  if redis.call('PEXPIRE', key, ms, 'GT') == 0 and redis.call('PTTL', key) < 0 then redis.call('PEXPIRE', key, ms) end
end
`

/** @throws Error where the Lua names a key that there is not, does not use an argument, or counts by hand */
export function defineScript<const D extends Declaration>(declaration: D, body: string): Script<D> {
  if (/\b(KEYS|ARGV)\b/.test(body)) throw new Error('A script names its keys and arguments.')
  const unused = Object.keys(declaration).filter((name) => !new RegExp(`\\b${name}\\b`).test(body))
  if (unused.length > 0) throw new Error(`The script does not use ${unused.join(', ')}.`)
  const locals = Object.entries(declaration).map(([name, kind], i) => localOf(name, kind, i + 1))
  const lua = [...locals, keyTable(body), body].join('\n')
  return { declaration, lua, sha: createHash('sha1').update(lua).digest('hex') }
}

/**
 * Runs a script by its digest, and by its text where Redis does not know it yet (after a restart, or a failover).
 * @returns what the script returns, as ioredis has it: an array for a table, `null` for `false` and `nil`
 * @throws what Redis answers, `OOM command not allowed` where it is full included
 */
export async function runScript<D extends Declaration>(
  redis: RedisClient,
  script: Script<D>,
  given: { readonly [N in keyof D]: ArgumentKinds[D[N]] },
): Promise<unknown> {
  const values: string[] = []
  for (const name in script.declaration) addTexts(values, given[name] as ArgumentKinds[keyof ArgumentKinds])
  try {
    return await commandsOf(redis).evalsha(script.sha, 0, ...values)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('NOSCRIPT')) throw error
    return await commandsOf(redis).eval(script.lua, 0, ...values)
  }
}

/** Makes a script known to Redis, so that a pipeline of it is carried out in order. */
export async function loadScript(redis: RedisClient, { lua }: Script<Declaration>): Promise<void> {
  await commandsOf(redis).script('LOAD', lua)
}

/** Turns the flat array in which Lua returns a hash into an object. */
export function pairsToObject(flat: readonly string[]): Record<string, string> {
  const object: Record<string, string> = {}
  for (let i = 0; i + 1 < flat.length; i += 2) object[flat[i] as string] = flat[i + 1] as string
  return object
}

function localOf(name: string, kind: keyof ArgumentKinds, place: number): string {
  const value = `ARGV[${place}]`
  switch (kind) {
    case 'text':
      return `local ${name} = ${value}`
    case 'text?':
      return `local ${name} = ${value} ~= '' and ${value} or nil`
    case 'number':
    case 'number?':
      return `local ${name} = tonumber(${value})`
    case 'flag':
      return `local ${name} = ${value} == '1'`
    case 'texts':
    case 'pairs':
      // Not by `unpack`, which fails past some thousands.
      return `local ${name} = {} for i = ${place}, #ARGV do ${name}[i - ${place - 1}] = ARGV[i] end`
  }
}

function addTexts(values: string[], value: ArgumentKinds[keyof ArgumentKinds]): void {
  if (value === null || value === undefined) values.push('')
  else if (typeof value === 'boolean') values.push(value ? '1' : '0')
  else if (typeof value !== 'object') values.push(String(value))
  else if (Array.isArray(value)) values.push(...value)
  else
    for (const [field, text] of Object.entries(value))
      if (text !== undefined) values.push(field, text === null ? '' : String(text))
}

/** The keys that a script names, as a Lua table. */
function keyTable(body: string): string {
  const names = new Set(Array.from(body.matchAll(/\bkeys\.(\w+)/g), ([, name = '']) => name))
  return `local keys = { ${Array.from(names, (name) => `${name} = ${keyInLua(name)}`).join(', ')} }`
}

/** A key as a Lua text, one that takes parts as a function of them. */
function keyInLua(name: string): string {
  const key: string | ((...parts: string[]) => string) | undefined = keys[name as keyof typeof keys]
  if (key === undefined) throw new Error(`There is no key ${name}.`)
  if (typeof key === 'string') return `'${key}'`
  const parts = Array.from({ length: key.length }, (_, i) => `part${i}`)
  const text = key(...parts.map((part) => `' .. ${part} .. '`))
  return `function(${parts.join(', ')}) return '${text}' end`
}
