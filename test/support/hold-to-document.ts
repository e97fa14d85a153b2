import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { openapiDocument } from '../../docs/openapi-document.ts'

interface DocumentedAnswer {
  content?: Record<string, { schema?: object }>
}
interface Document {
  paths: Record<string, Record<string, { responses: Record<string, DocumentedAnswer> }>>
}

interface Given {
  method: string
  /** With its query, where it has one. */
  path: string
  status: number
  contentType: string
  body: unknown
}

/** Pages for people, static files and other protocols, which the document does not describe. */
const NOT_DESCRIBED = /^\/($|mcp|dashboard|docs|assets|simulat|favicon)/

/** Before anything is asked: it takes a second, in which a gateway of the same process could serve nobody. */
const { ajv, routes } = await load()
const validators = new Map<object, ValidateFunction>()

async function load() {
  const document = (await openapiDocument()) as Document
  // As the document stands: a format or keyword of OpenAPI's that says nothing to a validator is passed over.
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema(document, 'document')
  const routes = Object.entries(document.paths)
    // What is written out goes before what stands for anything.
    .sort(([one], [other]) => one.split('{').length - other.split('{').length)
    .map(([path, methods]) => ({
      pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
      methods: Object.fromEntries(Object.entries(methods).map(([name, { responses }]) => [name, responses])),
    }))
  return { ajv, routes }
}

/**
 * Holds an answer of a gateway against the OpenAPI document: its status, its type and its JSON.
 * @throws Error that says where it differs
 */
export function holdToDocument({ method, path, status, contentType, body }: Given): void {
  const [place = ''] = path.split('?')
  if (NOT_DESCRIBED.test(place)) return
  // Fastify answers HEAD by itself; what is at no address is 404 for everybody.
  const answers = routes.find(({ pattern }) => pattern.test(place))?.methods[method.toLowerCase()]
  if (answers === undefined) return
  const said = `${method} ${place} answered ${status}`
  const answer = answers[status] ?? answers[`${String(status)[0]}XX`]
  if (answer === undefined) throw new Error(`${said}, which the OpenAPI document does not have`)
  const [type = ''] = contentType.split(';')
  if (answer.content === undefined || !/json$/.test(type)) return
  const documented = answer.content[type]
  if (documented === undefined)
    throw new Error(`${said} as ${type}, which the OpenAPI document does not have`)
  if (documented.schema === undefined) return
  let validate = validators.get(documented.schema)
  if (validate === undefined) {
    validate = ajv.compile(rooted(documented.schema) as object)
    validators.set(documented.schema, validate)
  }
  if (!validate(body))
    throw new Error(`${said} other than the OpenAPI document says: ${ajv.errorsText(validate.errors)}`)
}

/** References lead into the document, whatever schema they stand in. */
function rooted(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema), (key, value) =>
    key === '$ref' && typeof value === 'string' && value.startsWith('#') ? `document${value}` : value,
  )
}
