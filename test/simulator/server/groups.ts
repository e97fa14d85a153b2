import { randomBytes, randomInt } from 'node:crypto'
import type { GroupProperties, WireGroup } from '../wire.ts'
import { JsonFile } from './json-file.ts'
import type { NumberDirectory } from './number-directory.ts'

export type GroupRole = 'member' | 'admin' | 'superadmin'

export interface Group extends GroupProperties {
  /** `<digits>@g.us` */
  id: string
  /** Digits of the number that made it. */
  owner: string
  /** Unix time in seconds. */
  creation: number
  isLidAddressingMode: boolean
  /** By number. */
  members: Record<string, GroupRole>
  inviteCode: string
  /** Private invitations that are open: code by number. */
  invitations: Record<string, string>
  /** Numbers that wait to be let in. */
  requests: string[]
}

const newInviteCode = () => randomBytes(16).toString('base64url').slice(0, 22)

/** The groups and who is in them. Kept in the data folder. */
export class Groups {
  readonly #file: JsonFile<Group[]>
  readonly #byId = new Map<string, Group>()

  constructor(path: string) {
    this.#file = new JsonFile(path)
    for (const group of this.#file.read() ?? []) this.#byId.set(group.id, group)
  }

  get(id: string): Group | undefined {
    return this.#byId.get(id)
  }

  all(): Group[] {
    return [...this.#byId.values()]
  }

  ofMember(number: string): Group[] {
    return this.all().filter(({ members }) => number in members)
  }

  byInviteCode(code: string): Group | undefined {
    return this.all().find(({ inviteCode }) => inviteCode === code)
  }

  create(owner: string, given: Partial<GroupProperties> & { isLidAddressingMode?: boolean }): Group {
    const group: Group = {
      subject: '',
      desc: '',
      descId: undefined,
      announce: false,
      restrict: false,
      memberAddMode: 'all_member_add',
      membershipApprovalMode: false,
      ephemeralDuration: 0,
      isLidAddressingMode: true,
      ...given,
      id: `120363${String(randomInt(1e12)).padStart(12, '0')}@g.us`,
      owner,
      creation: Math.floor(Date.now() / 1000),
      members: { [owner]: 'superadmin' },
      inviteCode: newInviteCode(),
      invitations: {},
      requests: [],
    }
    this.#byId.set(group.id, group)
    this.save()
    return group
  }

  renewInviteCode(group: Group): void {
    group.inviteCode = newInviteCode()
    this.save()
  }

  /** To be called after a change of a group. */
  save(): void {
    this.#file.write(this.all())
  }

  clear(): void {
    this.#byId.clear()
    this.save()
  }
}

/** A group as its members' pages see it. */
export function groupToWire(group: Group, directory: NumberDirectory): WireGroup {
  const { members, invitations: _, inviteCode: __, requests, ...rest } = group
  return {
    ...rest,
    participants: Object.entries(members).map(([number, role]) => ({
      who: directory.describe(number),
      role,
    })),
    requests: requests.map((number) => directory.describe(number)),
  }
}

/** With what the server refuses a message of somebody who may not write there. Believed: no report tells the number. */
export function refusalInGroup(from: string, { announce, members }: Group): number | undefined {
  const role = members[from]
  return role === undefined || (announce && role === 'member') ? 403 : undefined
}
