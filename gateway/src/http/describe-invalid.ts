import type { FastifySchemaValidationError } from 'fastify/types/schema.js'
import type { z } from 'zod'

interface Issue {
  code: string
  path: PropertyKey[]
  message: string
  keys?: string[]
  errors?: Issue[][]
}

/**
 * Says in words what is wrong with a request, one sentence per fault, each naming its field. Values are left out:
 * they are the caller's, and may be a message.
 * @param part where the fault is: `body`, `querystring`, `params` or `headers`
 */
export function describeInvalid(faults: readonly FastifySchemaValidationError[], part: string): string[] {
  return faults.flatMap(({ keyword, instancePath, message = 'is not valid', params }) =>
    describe({ code: keyword, path: instancePath.split('/').filter(Boolean), message, ...params }, part),
  )
}

/** The same for what zod itself found. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], part: string): string[] {
  return issues.flatMap((issue) => describe(issue as Issue, part))
}

function describe(issue: Issue, part: string): string[] {
  if (issue.code === 'unrecognized_keys') {
    const inside = issue.path.length === 0 ? '' : ` in ${issue.path.join('.')}`
    return (issue.keys ?? []).map((key) => `unknown field '${key}'${inside}`)
  }
  const branch = issue.code === 'invalid_union' ? nearestBranch(issue.errors ?? []) : null
  if (branch !== null) {
    return branch.flatMap((inner) => describe({ ...inner, path: [...issue.path, ...inner.path] }, part))
  }
  const name =
    issue.path.length === 0 ? `the ${part === 'querystring' ? 'query' : part}` : issue.path.join('.')
  return [`${name}: ${issue.message}`]
}

/** Of a union's branches the one that the value was meant for: the first that did not already fail by its type. */
function nearestBranch(branches: readonly Issue[][]): Issue[] | null {
  return (
    branches.find(
      (issues) => !issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
    ) ?? null
  )
}
