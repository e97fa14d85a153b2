import type { z } from 'zod'
import { accountOperations } from './account.ts'
import { channelOperations } from './channels.ts'
import { chatOperations } from './chats.ts'
import { groupOperations } from './groups.ts'
import { labelOperations } from './labels.ts'
import { messageOperations } from './messages.ts'
import type { Operation, ReadPace } from './operation.ts'
import { peopleOperations } from './people.ts'
import { sessionOperations } from './sessions.ts'

const entries = [
  ...accountOperations,
  ...labelOperations,
  ...chatOperations,
  ...groupOperations,
  ...channelOperations,
  ...messageOperations,
  ...peopleOperations,
  ...sessionOperations,
] as const

type Entry = (typeof entries)[number]
export type OperationName = Entry['name']
type OperationOf<N extends OperationName> = Extract<Entry, { name: N }>
/** What the worker gets. */
export type OperationInput<N extends OperationName> = z.output<OperationOf<N>['input']>
/** What the worker answers. */
export type OperationOutput<N extends OperationName> = z.output<OperationOf<N>['output']>

/** Every operation by its name. */
export const operations = Object.fromEntries(entries.map((entry) => [entry.name, entry])) as {
  [N in OperationName]: OperationOf<N>
}
export const operationNames = entries.map(({ name }) => name)

/** The same, for whoever goes through all of them. */
export type AnyOperation = Operation<OperationName, z.ZodObject, z.ZodType>
export const operationList: readonly AnyOperation[] = entries

/** At which pace it is done by one session; null for what changes something, and for number checks. */
export function readPaceOf(name: OperationName): ReadPace | null {
  const { http, pace = 'page' }: AnyOperation = operations[name]
  return http?.method !== 'GET' || pace === 'own' ? null : pace
}

/** Whether it may leave the account changed, so that it must not be done again where it is not known whether it was done. */
export function changesSomething(name: OperationName): boolean {
  const { http }: AnyOperation = operations[name]
  return http !== undefined && http.method !== 'GET'
}
