import { account } from './account.ts'
import { channelAdmins } from './channel-admins.ts'
import { channels } from './channels.ts'
import { chatHistory } from './chat-history.ts'
import { chats } from './chats.ts'
import { groupInvites } from './group-invites.ts'
import { groupPeople } from './group-people.ts'
import { groups } from './groups.ts'
import { labels } from './labels.ts'
import { messageFacts } from './message-facts.ts'
import { messages } from './messages.ts'
import type { Binding, PageOperations } from './page-operation.ts'
import { people } from './people.ts'
import { pictures } from './pictures.ts'
import { type Subject, subjects } from './subjects.ts'

/** The operations that are carried out inside the page. */
export const pageOperations = {
  ...chats,
  ...chatHistory,
  ...account,
  ...labels,
  ...messages,
  ...people,
  ...messageFacts,
  ...groups,
  ...groupPeople,
  ...groupInvites,
  ...channels,
  ...channelAdmins,
  ...pictures,
} satisfies PageOperations<never>
export type PageOperationName = keyof typeof pageOperations

/** What an operation is carried out on, where that is found before. */
export function subjectOf(name: PageOperationName): (typeof subjects)[Subject] | undefined {
  const { on }: { needs: readonly Binding[]; on?: Subject } = pageOperations[name]
  return on && subjects[on]
}

/** All that an operation needs of the page, each once. */
export function needsOf(name: PageOperationName): readonly Binding[] {
  return [...new Set<Binding>([...(subjectOf(name)?.needs ?? []), ...pageOperations[name].needs])]
}
