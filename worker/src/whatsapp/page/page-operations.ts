import { chats } from './chats.ts'
import type { PageOperations } from './page-operation.ts'

/** The operations that are carried out inside the page. */
export const pageOperations = { ...chats } satisfies PageOperations
export type PageOperationName = keyof typeof pageOperations
