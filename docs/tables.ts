import { isPrivate, type MetricName, metricCatalogue } from '../gateway/src/metrics/catalogue.ts'
import { errorCatalogue } from '../shared/src/errors.ts'
import { isBody } from '../shared/src/events/bodies.ts'
import { eventList } from '../shared/src/events/events.ts'
import { messageKinds } from '../shared/src/messages/kinds/message-kinds.ts'
import {
  messageStateSentences,
  messageStates,
  messageTransitions,
} from '../shared/src/messages/message-lifecycle.ts'
import { meaningOfRefusal, whatsappRefusals } from '../shared/src/messages/whatsapp-refusals.ts'
import { operationList } from '../shared/src/operations/operations.ts'
import { historyEvents, sentenceForEvent } from '../shared/src/sessions/session-history.ts'
import {
  type OwnedStatus,
  sentenceFor,
  sessionReasons,
  sessionTransitions,
} from '../shared/src/sessions/session-lifecycle.ts'

import { buildNames } from '../test/simulator/builds.ts'
import { bindings, pageTasks } from '../worker/src/whatsapp/page/bindings.ts'

import { capabilities } from './capabilities.ts'
import { asEvent, asOperation, asRequest, notOffered } from './library-surface.ts'

/** The parts of the documentation that are made from the code, by the name of the place they go to. */

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

export function statesDiagram(): string {
  const moves = (Object.entries(sessionTransitions) as [OwnedStatus, readonly OwnedStatus[]][]).flatMap(
    ([from, tos]) => tos.filter((to) => to !== from).map((to) => `  ${from} --> ${to}`),
  )
  const ends = ['failed', 'stopped'].map((end) => `  ${end} --> initializing: a new ownership`)
  return ['```mermaid', 'stateDiagram-v2', '  [*] --> initializing', ...moves, ...ends, '```'].join('\n')
}

export function reasonsTable(): string {
  return table(
    ['reason', 'what the caller is told'],
    sessionReasons.map((reason) => [`\`${reason}\``, sentenceFor(reason)]),
  )
}

export function historyTable(): string {
  return table(
    ['event', 'what happened'],
    historyEvents.map((event) => [`\`${event}\``, sentenceForEvent(event)]),
  )
}

export function messageStatesTable(): string {
  return table(
    ['state', 'meaning', 'may become'],
    messageStates.map((state) => [
      `\`${state}\``,
      messageStateSentences[state],
      messageTransitions[state].map((next) => `\`${next}\``).join(', ') || '–',
    ]),
  )
}

export function refusalsTable(): string {
  const known = Object.keys(whatsappRefusals).map(Number)
  return table(
    ['number', 'meaning'],
    [...known.map((code) => [String(code), meaningOfRefusal(code)]), ['any other', meaningOfRefusal(null)]],
  )
}

/** Each kind of message with an example, what its file may be, and where else than to people and groups it goes. */
export function kindsTable(): string {
  return table(
    ['`message`', 'its file', 'to a channel', 'as status'],
    messageKinds.map(({ type, example, ...kind }) => {
      const { mimetypes, convertible, notTo = {} } = { mimetypes: undefined, convertible: undefined, ...kind }
      const { channel, status }: Partial<Record<string, string>> = notTo
      const taken = 'media' in example ? (mimetypes?.join(', ') ?? 'any type') : '–'
      const file = convertible ? `${taken}; converted: ${convertible.join(', ')}` : taken
      const goes = (code?: string) => (code === undefined ? 'yes' : `501 \`${code}\``)
      return [`\`${JSON.stringify({ type, ...example })}\``, file, goes(channel), goes(status)]
    }),
  )
}

export function operationsTable(): string {
  const asked = operationList.filter(({ http }) => http !== undefined)
  return table(
    ['request', 'role', 'what it does', 'operation'],
    asked.map(({ name, summary, access, http }) => [
      `\`${http?.method} ${http?.path}\``,
      access,
      `${summary}.`,
      `\`${name}\``,
    ]),
  )
}

export function eventsTable(): string {
  return table(
    ['event', 'when', 'data'],
    eventList.map(({ name, sentence, data }) => [
      `\`${name}\``,
      sentence,
      Object.entries(data.shape)
        .map(([name, field]) => `\`${name}\`${isBody(field) ? '\\*' : ''}`)
        .join(', '),
    ]),
  )
}

export function errorsTable(): string {
  return table(
    ['code', 'HTTP', 'may succeed later', 'sentence'],
    Object.entries(errorCatalogue).map(([code, { status, retryable, sentence }]) => [
      `\`${code}\``,
      String(status),
      retryable ? 'yes' : 'no',
      sentence,
    ]),
  )
}

export function metricsTable(): string {
  return table(
    ['figure', 'type', 'labels', 'of', 'meaning'],
    Object.entries(metricCatalogue).map(([name, { type, labels, of, help }]) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      of,
      isPrivate(name as MetricName) ? `${help} Told only to who has a token.` : help,
    ]),
  )
}

export function pageTasksTable(): string {
  return table(
    ['task', 'without what it needs'],
    Object.entries(pageTasks).map(([task, { without }]) => [task, without]),
  )
}

export function bindingsTable(): string {
  const byName = [...bindings].toSorted(([one], [other]) => one.localeCompare(other, 'en'))
  return table(
    ['name', 'is a', 'tasks and operations that need it'],
    byName.map(([name, { kind, concerns }]) => [
      `\`${name}\``,
      kind,
      concerns.map((concern) => (concern in pageTasks ? concern : `\`${concern}\``)).join(', '),
    ]),
  )
}

export function librarySurfaceTable(): string {
  const requestOf = (name: string) => {
    const { http } = operationList.find((operation) => operation.name === name) ?? {}
    return http === undefined ? `\`${name}\`` : `\`${http.method} ${http.path}\``
  }
  const rows: [name: string, here: string][] = [
    ...Object.entries(asOperation).map(([name, operation]): [string, string] => [name, requestOf(operation)]),
    ...Object.entries(asRequest).map(([name, request]): [string, string] => [name, `\`${request}\``]),
    ...Object.entries(asEvent).map(([name, event]): [string, string] => [name, `the event \`${event}\``]),
    ...Object.entries(notOffered),
  ]
  return table(
    ['method or event', 'here'],
    rows
      .sort(([one], [other]) => one.localeCompare(other, 'en'))
      .map(([name, here]) => [`\`${name}\``, here]),
  )
}

export function capabilitiesTable(): string {
  return table(
    ['request', ...buildNames, 'what whatsapp-web.js does where it fails'],
    capabilities().map(({ request, on, libraryBreaks }) => [
      `\`${request}\``,
      ...buildNames.map((build) => on[build]),
      libraryBreaks.join('; ') || '–',
    ]),
  )
}
