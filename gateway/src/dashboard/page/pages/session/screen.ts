import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { ProblemNotice } from '../../components/problem-notice.ts'
import { Time } from '../../components/time.ts'
import { useApp } from '../../context.ts'
import { useAction } from '../../hooks/use-action.ts'
import { html } from '../../html.ts'

/** What the browser of a session shows, asked for when somebody wants to see it. */
export function Screen({ sessionId: session }: { sessionId: string }): VNode {
  const { api } = useApp()
  const [picture, setPicture] = useState<{ url: string; at: string } | null>(null)
  const { run, isRunning, problem } = useAction()
  const look = () =>
    void run(async () => {
      const answer = await api.open('/screenshot', { session })
      setPicture({ url: await dataUrlOf(await answer.blob()), at: new Date(api.now()).toISOString() })
    })
  return html`
    <section aria-labelledby="screen">
      <h2 id="screen">Its browser</h2>
      <div class="row">
        <button type="button" disabled=${isRunning} onClick=${look}>${picture === null ? 'Show its screen' : 'Look again'}</button>
        <span role="status" class="soft">${isRunning ? 'Under way …' : picture !== null && html`As of <${Time} at=${picture.at} />`}</span>
      </div>
      ${picture !== null && html`<a href=${picture.url} download=${`${session}.png`}><img class="screen" src=${picture.url} alt=${`The screen of ${session}; a click keeps it as a file`} /></a>`}
      <${ProblemNotice} problem=${problem} />
    </section>`
}

/** The page's policy shows no `blob:` addresses. */
function dataUrlOf(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(blob)
  })
}
