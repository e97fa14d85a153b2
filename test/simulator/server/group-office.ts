import { randomBytes } from 'node:crypto'
import type { GroupProperties } from '../wire.ts'
import type { Accounts } from './accounts.ts'
import { type Group, type GroupRole, type Groups, groupToWire } from './groups.ts'
import type { NumberDirectory } from './number-directory.ts'
import type { OpenPages } from './open-pages.ts'
import type { PostOffice } from './post-office.ts'
import type { SettingsStore } from './settings-store.ts'

interface Parts {
  accounts: Accounts
  groups: Groups
  directory: NumberDirectory
  pages: OpenPages
  postOffice: PostOffice
  settings: SettingsStore
}

/** Why the server does not do what it was asked for. */
export class Refusal extends Error {
  readonly code: number
  constructor(code: number, reason: string) {
    super(`${code}: ${reason}`)
    this.code = code
  }
}

/** What became of one number that was to be added. */
export interface Addition {
  number: string
  /** 200, 403 for a number that can only be invited, 404, 409 for a member. */
  code: number
  role: GroupRole
  inviteCode?: string
  /** Unix time in seconds. */
  inviteCodeExp?: number
}

const INVITATION_LIVES_S = 3 * 24 * 60 * 60

/** Changes groups as their members ask, and lets every member know. Throws Refusal. */
export class GroupOffice {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Throws 404 where there is no such group, and 403 where `by` is no member of it. */
  memberGroup(by: string, id: string): Group {
    const group = this.#parts.groups.get(id)
    if (!group) throw new Refusal(404, 'item-not-found')
    if (!(by in group.members)) throw new Refusal(403, 'forbidden')
    return group
  }

  create(
    by: string,
    properties: Partial<GroupProperties> & { isLidAddressingMode?: boolean },
    numbers: string[],
  ): { group: Group; additions: Addition[] } {
    const group = this.#parts.groups.create(by, properties)
    const additions = numbers.map((number) => this.#addOne(group, number))
    this.#changed(group)
    this.#notify(group, by, 'create', Object.keys(group.members))
    return { group, additions: [{ number: by, code: 200, role: 'superadmin' }, ...additions] }
  }

  add(by: string, id: string, numbers: string[]): Addition[] {
    const group = this.memberGroup(by, id)
    if (group.memberAddMode === 'admin_add') this.#mustBeAdmin(group, by)
    const additions = numbers.map((number) => this.#addOne(group, number))
    const added = additions.filter(({ code }) => code === 200).map(({ number }) => number)
    if (added.length > 0) {
      this.#changed(group)
      this.#notify(group, by, 'add', added)
    }
    return additions
  }

  remove(by: string, id: string, numbers: string[]): void {
    const group = this.memberGroup(by, id)
    this.#mustBeAdmin(group, by)
    const removed = numbers.filter((number) => number in group.members)
    this.#notify(group, by, 'remove', removed)
    this.#takeOut(group, removed)
  }

  leave(by: string, id: string): void {
    const group = this.memberGroup(by, id)
    this.#notify(group, by, 'leave', [by])
    this.#takeOut(group, [by])
    const [heir] = Object.keys(group.members)
    if (heir === undefined || Object.values(group.members).some((role) => role !== 'member')) return
    group.members[heir] = 'admin'
    this.#changed(group)
  }

  setRole(by: string, id: string, numbers: string[], role: 'member' | 'admin'): void {
    const group = this.memberGroup(by, id)
    this.#mustBeAdmin(group, by)
    const changed = numbers.filter(
      (number) => number in group.members && group.members[number] !== 'superadmin',
    )
    for (const number of changed) group.members[number] = role
    this.#changed(group)
    this.#notify(group, by, role === 'admin' ? 'promote' : 'demote', changed)
  }

  /** Throws 403 where `by` may change neither subject, description nor picture. */
  mayChangeInfo(by: string, id: string): void {
    const group = this.memberGroup(by, id)
    if (group.restrict) this.#mustBeAdmin(group, by)
  }

  change(by: string, id: string, properties: Partial<GroupProperties>): void {
    const group = this.memberGroup(by, id)
    const isText = 'subject' in properties || 'desc' in properties
    if (!isText || group.restrict) this.#mustBeAdmin(group, by)
    Object.assign(group, properties)
    this.#changed(group)
    const [name = 'subject'] = Object.keys(properties)
    this.#notify(group, by, name === 'desc' ? 'description' : name, [], properties.subject)
  }

  inviteCode(by: string, id: string, { renew }: { renew: boolean }): string {
    const group = this.memberGroup(by, id)
    this.#mustBeAdmin(group, by)
    if (renew) this.#parts.groups.renewInviteCode(group)
    return group.inviteCode
  }

  /** Joins by the code of a link. Who has to be let in only asks for it. */
  join(by: string, code: string): Group {
    const group = this.#parts.groups.byInviteCode(code)
    if (!group) throw new Refusal(406, 'not-acceptable')
    if (group.membershipApprovalMode) this.#request(group, by)
    else this.#letIn(group, by, 'invite')
    return group
  }

  /** Accepts a private invitation. */
  accept(by: string, id: string, code: string): Group {
    const group = this.#parts.groups.get(id)
    if (!group || group.invitations[by] !== code) throw new Refusal(406, 'not-acceptable')
    this.#letIn(group, by, 'invite')
    return group
  }

  decide(by: string, id: string, number: string, { approve }: { approve: boolean }): void {
    const group = this.memberGroup(by, id)
    this.#mustBeAdmin(group, by)
    if (!group.requests.includes(number)) throw new Refusal(404, 'item-not-found')
    if (approve) this.#letIn(group, number, 'add')
    else {
      group.requests = group.requests.filter((other) => other !== number)
      this.#changed(group)
    }
  }

  #request(group: Group, number: string): void {
    if (!group.requests.includes(number)) group.requests.push(number)
    this.#changed(group)
    this.#notify(group, number, 'membership_approval_request', [number])
  }

  #letIn(group: Group, number: string, how: 'invite' | 'add'): void {
    group.members[number] = 'member'
    delete group.invitations[number]
    group.requests = group.requests.filter((other) => other !== number)
    this.#changed(group)
    this.#notify(group, number, how, [number])
  }

  #addOne(group: Group, number: string): Addition {
    const { directory, settings } = this.#parts
    const addition: Addition = { number, code: 200, role: 'member' }
    if (!directory.describe(number).registered) return { ...addition, code: 404 }
    if (number in group.members) return { ...addition, code: 409 }
    if (settings.current.groupsByInvitationOnly.includes(number)) {
      const inviteCode = randomBytes(12).toString('base64url')
      group.invitations[number] = inviteCode
      this.#parts.groups.save()
      const inviteCodeExp = Math.floor(Date.now() / 1000) + INVITATION_LIVES_S
      return { ...addition, code: 403, inviteCode, inviteCodeExp }
    }
    group.members[number] = 'member'
    return addition
  }

  #takeOut(group: Group, numbers: string[]): void {
    for (const number of numbers) delete group.members[number]
    this.#changed(group, numbers)
  }

  #mustBeAdmin(group: Group, number: string): void {
    if (group.members[number] === 'member') throw new Refusal(403, 'forbidden')
  }

  /** Tells the devices of all members, and of those who were some. */
  #changed(group: Group, former: string[] = []): void {
    const { accounts, directory, groups, pages } = this.#parts
    groups.save()
    for (const number of [...Object.keys(group.members), ...former]) {
      for (const { id } of accounts.get(number)?.logins ?? [])
        pages.ofLogin(id)?.deliver({ t: 'group', group: groupToWire(group, directory) })
    }
  }

  /** A line in the group's chat that tells what happened. */
  #notify(group: Group, by: string, subtype: string, recipients: string[], body = ''): void {
    const { directory, postOffice } = this.#parts
    const address = (number: string) =>
      group.isLidAddressingMode ? `${directory.describe(number).lid}@lid` : `${number}@c.us`
    postOffice.fromPhone({
      from: by,
      to: group.id,
      body,
      type: 'gp2',
      extras: { subtype, recipients: recipients.map(address) },
    })
  }
}
