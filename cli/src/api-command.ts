import type { Call, Command, Fields } from './command.ts'

interface ApiCommand extends Omit<Command, 'run'> {
  /** `DELETE /tokens/:id` */
  request: string
  /** The names of the API for fields that are typed differently. */
  named?: Readonly<Record<string, string>>
  /** What a person is shown of an item of the list that is answered, as rows of the table; the item where absent. */
  toRows?: (item: Record<string, unknown>) => object[]
}

/**
 * A command that is one request. What its address names is taken from the field of that name; everything else goes into the query of
 * a GET or DELETE, and into the body of the others.
 */
export function apiCommand({ request, named = {}, toRows, ...command }: ApiCommand): Command {
  const [method, path] = request.split(' ') as [string, string]
  return {
    ...command,
    run: async ({ gateway, session, values, output }) => {
      const { url, rest } = fill(path, toApi(command.fields ?? {}, named, values))
      const isInQuery = method === 'GET' || method === 'DELETE'
      const { body } = await gateway.ask(method, url, {
        session,
        ...(isInQuery
          ? { query: rest as Record<string, string> }
          : Object.keys(rest).length > 0 && { body: rest }),
      })
      output.result(body, toRows && { items: (body.items as Record<string, unknown>[]).flatMap(toRows) })
      if (typeof body.nextCursor === 'string') output.note(`There is more: --cursor ${body.nextCursor}`)
    },
  }
}

/** `per-minute` is `perMinute`. */
function toApi(fields: Fields, named: Readonly<Record<string, string>>, values: Call['values']) {
  const given = Object.keys(fields).filter((name) => values[name] !== undefined)
  return Object.fromEntries(
    given.map((name) => [
      named[name] ?? name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
      values[name],
    ]),
  )
}

function fill(path: string, given: Record<string, unknown>): { url: string; rest: Record<string, unknown> } {
  const rest = { ...given }
  const url = path.replaceAll(/:(\w+)/g, (_, name: string) => {
    delete rest[name]
    return encodeURIComponent(String(given[name]))
  })
  return { url, rest }
}

/** The fields of every list. */
export const pageFields = {
  limit: { type: 'number', describe: 'At most so many (1 to 500)' },
  cursor: { type: 'text', describe: 'Goes on behind an earlier answer' },
} as const satisfies Fields
