import type { Listed } from '@wsg/shared/paging.ts'
import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { MessageAnswer } from '../../../../messages/message-answer.ts'
import { writeAddress } from '../../address.ts'
import { Pages } from '../../components/pages.ts'
import { ProblemNotice } from '../../components/problem-notice.ts'
import { StateBadge } from '../../components/state-badge.ts'
import { Time, TimeOfDay } from '../../components/time.ts'
import { useApp } from '../../context.ts'
import { useAction } from '../../hooks/use-action.ts'
import { useLoaded } from '../../hooks/use-loaded.ts'
import { html } from '../../html.ts'

interface MessagesProps {
  sessionId: string
  /** Of the address: the state that is shown, and where a page begins. */
  query: Readonly<Record<string, string>>
  /** The newest event: with another one the list is read again. */
  newest: string | undefined
  /** How many are shown, without pages and the choice of a state; absent for all. */
  limit?: number
  title?: string
}

const PAGE_SIZE = 50
const EVERY_MS = 5_000

/** The messages of a session, what changed last first, with the time of each step. Their texts are not kept for this list. */
export function Messages({ sessionId, query, newest, limit, title = 'Messages' }: MessagesProps): VNode {
  const { api, facts } = useApp()
  const { state, after } = query
  const list = useLoaded(
    (signal) =>
      api.ask<Listed<MessageAnswer>>('/messages', {
        session: sessionId,
        query: { limit: limit ?? PAGE_SIZE, status: state, cursor: after },
        signal,
      }),
    EVERY_MS,
    [sessionId, state, after],
  )
  useEffect(list.reload, [newest])
  const at = (changed: Record<string, string | undefined>) =>
    writeAddress(['sessions', sessionId, 'messages'], { state, ...changed })
  const next = list.data?.nextCursor ?? null
  return html`
    <section aria-labelledby="messages">
      <h2 id="messages">${title}</h2>
      ${
        limit === undefined &&
        html`
        <${Find} sessionId=${sessionId} />
        <nav class="row" aria-label="By state">
          ${[undefined, ...facts.messageStates.map(({ name }) => name)].map(
            (one) =>
              html`<a class="chip" title=${facts.messageStates.find(({ name }) => name === one)?.sentence} href=${at({ state: one })} aria-current=${one === state ? 'true' : null}>${one ?? 'all'}</a>`,
          )}
        </nav>`
      }
      <${ProblemNotice} problem=${list.problem} />
      ${list.data?.items.length === 0 ? html`<p class="soft">${state === undefined ? 'None yet.' : `None is ${state}.`}</p>` : html`<${MessageTable} messages=${list.data?.items ?? []} onChange=${list.reload} />`}
      ${
        limit === undefined
          ? html`<${Pages} first=${after === undefined ? null : at({})} next=${next === null ? null : at({ after: next })} />`
          : html`<p><a href=${at({})}>All messages, by state</a></p>`
      }
    </section>`
}

/** Leads to one message by its id, as a log, an event or an answer has it. */
function Find({ sessionId }: { sessionId: string }): VNode {
  const [id, setId] = useState('')
  const find = (event: Event) => {
    event.preventDefault()
    location.hash = writeAddress(['sessions', sessionId, 'messages', id.trim()])
  }
  return html`
    <form class="row" onSubmit=${find}>
      <label for="message-id" class="visually-hidden">Id of a message</label>
      <input id="message-id" type="search" required autocomplete="off" spellcheck="false" placeholder="Id of a message" value=${id}
        onInput=${(event: InputEvent) => setId((event.target as HTMLInputElement).value)} />
      <button type="submit">Find</button>
    </form>`
}

export function MessageTable({
  messages,
  onChange,
}: {
  messages: MessageAnswer[]
  onChange: () => void
}): VNode {
  return html`
    <table class="cards messages">
      <caption class="visually-hidden">Messages</caption>
      <thead><tr><th scope="col">To</th><th scope="col">State</th><th scope="col">Steps</th></tr></thead>
      <tbody>${messages.map((message) => html`<${MessageRow} key=${message.id} message=${message} onChange=${onChange} />`)}</tbody>
    </table>`
}

function MessageRow({ message, onChange }: { message: MessageAnswer; onChange: () => void }): VNode {
  const { facts } = useApp()
  const { id, sessionId, to, status, error, reference, sendAt } = message
  const steps = stepsOf(
    message,
    facts.messageStates.map(({ name }) => name),
  )
  return html`
    <tr>
      <th scope="row">${to.input}${reference !== undefined && html` <span class="soft">${reference}</span>`}
        <a class="id" href=${writeAddress(['sessions', sessionId, 'messages', id])}><code>${id}</code></a></th>
      <td>
        <${StateBadge} state=${status} />${' '}
        ${error !== undefined && html`<p>${error.error} ${error.detail} <code>${error.code}</code> ${error.whatsapp !== undefined && `WhatsApp: ${error.whatsapp.code}, ${error.whatsapp.meaning}`}</p>`}
        ${status === 'queued' && html`<${Cancel} message=${message} onChange=${onChange} />`}
      </td>
      <td>
        <ol class="steps">
          ${sendAt !== undefined && html`<li>due <${Time} at=${sendAt} /></li>`}
          ${steps.map(([step, at]) => html`<li>${step} <${TimeOfDay} at=${at} /></li>`)}
        </ol>
      </td>
    </tr>`
}

function Cancel({ message, onChange }: { message: MessageAnswer; onChange: () => void }): VNode | null {
  const { api, may } = useApp()
  const { run, isRunning, problem } = useAction()
  const cancel = () =>
    void run(async () => {
      await api.ask(`/messages/${message.id}`, { method: 'DELETE', session: message.sessionId })
      onChange()
    })
  if (!may('sender')) return null
  return html`<button type="button" class="small" disabled=${isRunning} onClick=${cancel}>Cancel</button>
    <${ProblemNotice} problem=${problem} />`
}

/** Its acceptance and the states that it came to, in the order of time. */
export function stepsOf(message: MessageAnswer, states: readonly string[]): [string, string][] {
  const moments = message as unknown as Record<string, string | undefined>
  return ['accepted', ...states]
    .flatMap((step): [string, string][] => {
      const at = moments[`${step}At`]
      return at === undefined ? [] : [[step, at]]
    })
    .toSorted(([, a], [, b]) => Date.parse(a) - Date.parse(b))
}
