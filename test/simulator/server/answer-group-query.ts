import type { GroupAddition, Queries, QueryName } from '../wire.ts'
import { type Addition, Refusal } from './group-office.ts'
import { groupToWire } from './groups.ts'
import type { ServerParts } from './page-connection.ts'

type GroupQueryName = Extract<QueryName, `group.${string}`>

type GroupAnswers = {
  [Name in GroupQueryName]: (
    ask: Queries[Name]['ask'],
    by: string,
    parts: ServerParts,
  ) => Queries[Name]['answer']
}

function additionToWire({ number, ...rest }: Addition, { directory }: ServerParts): GroupAddition {
  return { ...rest, who: directory.describe(number) }
}

/** What a page asks about groups; `by` is the number of its account. */
export const groupAnswers: GroupAnswers = {
  'group.get': ({ id }, by, { directory, groupOffice }) =>
    groupToWire(groupOffice.memberGroup(by, id), directory),
  'group.create': ({ properties, numbers }, by, parts) => {
    const { group, additions } = parts.groupOffice.create(by, properties, numbers)
    return {
      group: groupToWire(group, parts.directory),
      additions: additions.map((addition) => additionToWire(addition, parts)),
    }
  },
  'group.add': ({ id, number }, by, parts) => {
    const [addition] = parts.groupOffice.add(by, id, [number])
    if (!addition) throw new Refusal(400, 'bad-request')
    return additionToWire(addition, parts)
  },
  'group.members': ({ id, action, numbers }, by, { groupOffice }) => {
    if (action === 'remove') groupOffice.remove(by, id, numbers)
    else groupOffice.setRole(by, id, numbers, action === 'promote' ? 'admin' : 'member')
    return {}
  },
  'group.change': ({ id, change }, by, { groupOffice }) => {
    groupOffice.change(by, id, change)
    return {}
  },
  'group.leave': ({ id }, by, { groupOffice }) => {
    groupOffice.leave(by, id)
    return {}
  },
  'group.code': ({ id, renew }, by, { groupOffice }) => ({ code: groupOffice.inviteCode(by, id, { renew }) }),
  'group.byCode': ({ code }, _by, { directory, groups }) => {
    const group = groups.byInviteCode(code)
    if (!group) throw new Refusal(406, 'not-acceptable')
    return groupToWire(group, directory)
  },
  'group.join': ({ code }, by, { groupOffice }) => ({ id: groupOffice.join(by, code).id }),
  'group.accept': ({ id, code }, by, { groupOffice }) => ({ id: groupOffice.accept(by, id, code).id }),
  'group.decide': ({ id, number, approve }, by, { groupOffice }) => {
    groupOffice.decide(by, id, number, { approve })
    return {}
  },
}
