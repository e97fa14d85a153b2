import type { VNode } from 'preact'
import type { ApiProblem } from '../api/api.ts'
import { html } from '../html.ts'

/** An error of the API, in the API's own words. */
export function ProblemNotice({ problem }: { problem: ApiProblem | null }): VNode | null {
  if (problem === null) return null
  const { error, detail, code, requestId } = problem.body
  return html`
    <div class="notice bad" role="alert">
      <p>${error}</p>
      ${detail !== undefined && detail !== error && html`<p>${detail}</p>`}
      ${code !== undefined && html`<p class="soft"><code>${problem.status} ${code}</code> request ${requestId}</p>`}
    </div>`
}
