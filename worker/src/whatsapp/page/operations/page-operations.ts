import { chatHistory } from './chat-history.ts'
import { chats } from './chats.ts'
import { messages } from './messages.ts'
import type { Binding, PageOperations } from './page-operation.ts'
import { subjects } from './subjects.ts'

/** The operations that are carried out inside the page. */
export const pageOperations = { ...chats, ...chatHistory, ...messages } satisfies PageOperations<never>
export type PageOperationName = keyof typeof pageOperations

/** All that an operation needs of the page. */
export function needsOf(name: PageOperationName): readonly Binding[] {
  const { needs, on }: { needs: readonly Binding[]; on?: keyof typeof subjects } = pageOperations[name]
  return on === undefined ? needs : [...subjects[on].needs, ...needs]
}
