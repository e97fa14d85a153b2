import type { FastifySchemaCompiler } from 'fastify'
import { z } from 'zod'
import type { GatewayApp } from '../gateway-app.ts'
import { invalidRequest, type Problem } from './problem.ts'

/** What is said of one request, or of one line of many, is short, however much is wrong with it. */
const MAX_FAULTS = 5
const MAX_NAME_LENGTH = 64

/** For requests that say all with their address and headers: a body may be absent or `{}`. */
export const noBody = z.strictObject({}).nullish()

/**
 * Makes every route refuse what it does not know: a query field that it does not name, and a body where it names none. Must
 * be registered before the routes.
 */
export function refuseUnknownInput(app: GatewayApp): void {
  app.addHook('onRoute', (route) => {
    const { schema = {}, method } = route
    const querystring = (schema.querystring ?? z.object({})) as z.ZodObject
    const isBodyless = [method].flat().every((one) => one === 'GET' || one === 'HEAD')
    const body = schema.body ?? (isBodyless ? undefined : noBody)
    route.schema = { ...schema, querystring: querystring.strict(), ...(body !== undefined && { body }) }
  })
  app.addHook('onRequest', ({ url }, _reply, done) => {
    if (!isPercentEncoded(url)) throw invalidRequest('the query is not percent-encoded UTF-8')
    done()
  })
}

/** Checks one part of a request with its zod schema. */
export const compileValidator: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart = 'request' }) =>
  (data: unknown) => {
    const { success, data: value, error } = schema.safeParse(data, parseOptions)
    return success ? { value } : { error: invalidInput(error.issues, httpPart) }
  }

/** @param part `body`, `line`, `querystring`, `params` or `headers` */
export function invalidInput(issues: readonly z.core.$ZodIssue[], part: string): Problem {
  const faults = issues.flatMap((issue) => describe(issue, part))
  const more = faults.length > MAX_FAULTS ? [`${faults.length - MAX_FAULTS} more`] : []
  return invalidRequest([...faults.slice(0, MAX_FAULTS), ...more].join('; '))
}

/** What is wrong with a value, where its schema does not say so itself. */
const sentenceOf: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type') return `must be ${TYPES[issue.expected] ?? `of type ${issue.expected}`}`
  if (issue.code === 'invalid_value') return `must be ${issue.values.map(String).join(' or ')}`
  if (issue.code === 'invalid_union') return 'is in none of the accepted forms'
  if (issue.code === 'too_small') return `must ${sizeOf(issue.origin, 'least', issue.minimum)}`
  if (issue.code === 'too_big') return `must ${sizeOf(issue.origin, 'most', issue.maximum)}`
  return undefined
}

/** How every caller's input is to be parsed, so that `invalidInput` can say what is wrong with it. */
export const parseOptions = { error: sentenceOf, reportInput: true }

const TYPES: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}

function sizeOf(origin: string, bound: 'least' | 'most', size: number | bigint): string {
  if (origin === 'string') return `have at ${bound} ${size} characters`
  if (origin === 'array') return `have at ${bound} ${size} entries`
  return `be at ${bound} ${size}`
}

/** One sentence per fault, each naming its field. Values are left out: they may be a message. */
function describe(issue: z.core.$ZodIssue, part: string): string[] {
  const path = issue.path.map((step) => cut(String(step))).join('.')
  if (issue.code === 'unrecognized_keys') {
    const field = part === 'querystring' ? 'query field' : 'field'
    const inside = path === '' ? '' : ` in ${path}`
    return issue.keys.map((key) => `unknown ${field} '${cut(key)}'${inside}`)
  }
  const name = path || `the ${part === 'querystring' ? 'query' : part}`
  // Fastify gives an absent body as null.
  if (issue.input === undefined || (issue.input === null && path === '')) return [`${name}: is required`]
  const branch = issue.code === 'invalid_union' ? nearestBranch(issue.errors) : null
  if (branch !== null)
    return branch.flatMap((inner) => describe({ ...inner, path: [...issue.path, ...inner.path] }, part))
  return [`${name}: ${issue.message}`]
}

/** Of a union's branches the one that the value was meant for: the first that did not already fail by its type. */
function nearestBranch(branches: readonly z.core.$ZodIssue[][]): z.core.$ZodIssue[] | null {
  return (
    branches.find(
      (issues) => !issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
    ) ?? null
  )
}

/** The start of a name that a caller chose, without half a character at its end. */
function cut(name: string): string {
  return name.length <= MAX_NAME_LENGTH
    ? name
    : name.slice(0, MAX_NAME_LENGTH).replace(/[\ud800-\udbff]$/, '')
}

function isPercentEncoded(url: string): boolean {
  try {
    decodeURIComponent(url.slice(url.indexOf('?') + 1))
    return true
  } catch {
    return false
  }
}
