import type { Queries, QueryName } from '../wire.ts'
import { Refusal } from './group-office.ts'
import type { ServerParts } from './page-connection.ts'
import type { Profiles } from './profiles.ts'

type ProfileQueryName = Extract<QueryName, `profile.${string}` | `contact.${string}`>

type ProfileAnswers = {
  [Name in ProfileQueryName]: (
    ask: Queries[Name]['ask'],
    by: string,
    parts: ServerParts,
  ) => Queries[Name]['answer']
}

function shownPicture(profiles: Profiles, id: string): { picture?: string } {
  const picture = profiles.pictureOf(id)
  return picture === undefined ? {} : { picture }
}

/** What a page asks about people, and changes of its own account; `by` is the number of that. */
export const profileAnswers: ProfileAnswers = {
  'profile.get': ({ id }, by, { profiles, settings }) => {
    if (settings.current.accounts[by]?.hiddenFrom?.includes(id)) throw new Refusal(401, 'not-authorized')
    return { about: profiles.aboutOf(id), ...shownPicture(profiles, id) }
  },
  'profile.about': ({ about }, by, { profiles }) => {
    profiles.change(by, { about })
    return {}
  },
  'profile.picture': ({ id, picture }, by, { groupOffice, profiles }) => {
    if (id.endsWith('@g.us')) groupOffice.mayChangeInfo(by, id)
    else if (id !== by) throw new Refusal(403, 'forbidden')
    profiles.change(id, { picture })
    return shownPicture(profiles, id)
  },
  'contact.note': ({ number, name }, by, { profiles }) => {
    profiles.note(by, number, name)
    return {}
  },
}
