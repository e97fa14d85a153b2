import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import { componentSchemas } from './component-schemas.ts'

type Json = string | number | boolean | null | Json[] | { [name: string]: Json }
type JsonObject = { [name: string]: Json }

/** What may differ between two places that have the same schema. */
const OF_THE_PLACE = ['description', 'examples', 'example', 'default']

/**
 * Puts the components of the table into an OpenAPI document, and a reference to one in every place that repeats its schema. Before that
 * it drops what says nothing to a reader: the pattern of a format that is named, and that a whole number is one that JavaScript can hold.
 */
export function referToComponents(document: object): object {
  const names = new Map<string, string>()
  const schemas: JsonObject = {}
  for (const [name, { schema, io = 'output' }] of Object.entries(componentSchemas)) {
    const named = withNames(toJson(schema, io), names)
    schemas[name] = named
    names.set(keyOf(named as JsonObject), name)
  }
  const { paths, ...rest } = document as JsonObject
  const { components } = rest as { components: JsonObject }
  return { ...rest, components: { ...components, schemas }, paths: withNames(paths ?? {}, names) }
}

/** A schema as the document has it. */
function toJson(schema: z.ZodType, io: 'input' | 'output'): Json {
  const part = io === 'input' ? 'body' : 'response'
  const { schema: described } = jsonSchemaTransform({
    schema: { [part]: io === 'input' ? schema : { 200: schema } },
    url: '',
    route: {} as never,
    openapiObject: { openapi: '3.1.0' },
  })
  const { body, response } = described as { body?: Json; response?: { 200: Json } }
  return body ?? response?.[200] ?? {}
}

/** From the inside out, so that a named schema may be part of another. */
function withNames(node: Json, names: ReadonlyMap<string, string>): Json {
  if (Array.isArray(node)) return node.map((one) => withNames(one, names))
  if (node === null || typeof node !== 'object') return node
  const plain = Object.fromEntries(
    Object.entries(node)
      .filter(([field]) => !isNoise(node, field))
      // As the routes have it: @fastify/swagger writes one constant as a choice of one.
      .map(([field, value]) => (field === 'const' ? ['enum', [value]] : [field, withNames(value, names)])),
  )
  const name = names.get(keyOf(plain))
  if (name === undefined) return plain
  const kept = OF_THE_PLACE.flatMap((field) => (plain[field] === undefined ? [] : [[field, plain[field]]]))
  return { $ref: `#/components/schemas/${name}`, ...Object.fromEntries(kept) }
}

function isNoise(schema: JsonObject, field: string): boolean {
  if (field === 'pattern') return typeof schema.format === 'string'
  return (
    (field === 'maximum' && schema.maximum === Number.MAX_SAFE_INTEGER) ||
    (field === 'minimum' && schema.minimum === Number.MIN_SAFE_INTEGER)
  )
}

/** The same for two schemas that differ in nothing but the order of their fields, and in what is of the place. */
function keyOf(schema: JsonObject): string {
  const kept = Object.entries(schema).filter(([field]) => !OF_THE_PLACE.includes(field))
  return JSON.stringify(Object.fromEntries(kept), (_field, value: Json) =>
    value === null || typeof value !== 'object' || Array.isArray(value)
      ? value
      : Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))),
  )
}
