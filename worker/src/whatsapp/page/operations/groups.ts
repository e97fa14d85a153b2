import type { OperationOutput } from '@wsg/shared/operations/operations.ts'
import type { Chat, PageGlobals, PageModules, Participant, Wid } from '../page-globals.ts'
import type { PageOperations } from './page-operation.ts'

/** What the page knows of a group. */
interface Metadata {
  id: Wid
  subject?: string
  desc?: string | null
  descId?: string | undefined
  owner?: Wid
  /** Unix time in seconds. */
  creation?: number
  announce?: boolean
  restrict?: boolean
  memberAddMode?: string | boolean
  membershipApprovalMode?: boolean
  participants: { getModelsArray(): Participant[] }
}

/** The chat of a group that the account is in. */
export interface Group extends Omit<Chat, 'groupMetadata'> {
  groupMetadata: Metadata
}

interface Description {
  groupWid: Wid
  desc: string | null
  newDescId: string
  prevDescId: string | undefined
}

export interface GroupModules extends PageModules {
  WAWebMsgKey: PageModules['WAWebMsgKey'] & { newId(): Promise<string> }
  WAWebCollections: PageModules['WAWebCollections'] & {
    Chat: { get(id: Wid): Chat | undefined; getModelsArray(): Chat[] }
  }
  WAWebGroupCreateJob: {
    createGroup(
      options: object,
      participants: { phoneNumber: Wid; lid?: Wid }[],
    ): Promise<{
      wid: Wid
      participants: {
        wid: Wid
        error?: number | string | null
        invite_code?: string
        invite_code_exp?: string | number
      }[]
    }>
  }
  WAWebGroupModifyInfoJob: {
    setGroupSubject(group: Wid, subject: string): Promise<unknown>
    setGroupDescription(...how: [Description] | [Wid, string, string, string | undefined]): Promise<unknown>
  }
  WAWebSetPropertyGroupAction: {
    setGroupProperty(chat: Chat, name: string, value: 0 | 1): Promise<unknown>
  }
  WAWebExitGroupAction: { sendExitGroup(chat: Chat): Promise<unknown> }
}

export const groups = {
  'group.list': {
    needs: [
      'WAWebCollections.Chat.getModelsArray',
      'WAWebUserPrefsMeUser.getMaybeMePnUser',
      'WAWebUserPrefsMeUser.getMaybeMeLidUser',
    ],
    run: (input, { page, kit }) => {
      const chats = page.require('WAWebCollections').Chat.getModelsArray()
      const found = chats.filter((chat) => kit.myselfIn(chat))
      const { items, nextCursor } = kit.pageOf(found, input, ({ id }) => ({ rank: 0, id: id._serialized }))
      return { output: { items: items.map((chat) => kit.describeGroup(chat as Group)), nextCursor } }
    },
  },

  'group.create': {
    needs: [
      'WAWebGroupCreateJob.createGroup',
      'WAWebWidFactory.createWid',
      'WAWebApiContact.getCurrentLid',
      'WAWebApiContact.getPhoneNumber',
    ],
    run: async ({ subject, participants }, { page, kit }) => {
      const people = participants.map((person) => {
        const wid = kit.widOf(person)
        const other = kit.otherIdentityOf(wid)
        const [number, lid] = wid.isLid() ? [other, wid] : [wid, other]
        return { person, wid, other, named: { phoneNumber: number ?? wid, ...(lid && { lid }) } }
      })
      const options = {
        ...{ title: subject, addressingModeOverride: 'lid', ephemeralDuration: 0, announce: false },
        ...{ restrict: false, memberAddMode: true, membershipApprovalMode: false },
      }
      const { createGroup } = page.require('WAWebGroupCreateJob')
      const made = await createGroup(
        options,
        people.map(({ named }) => named),
      )
      const results = people.map(({ person, wid, other }) => {
        const ids = [wid._serialized, other?._serialized]
        const told = made.participants.find((one) => ids.includes(one.wid._serialized))
        const code = told ? Number(told.error ?? 200) : 400
        const expiry = Number(told?.invite_code_exp)
        return {
          ...{ person, done: code === 200, code },
          ...(code === 403 &&
            told?.invite_code && {
              invite: {
                code: told.invite_code,
                expiresAt: expiry > 0 ? new Date(expiry * 1_000).toISOString() : null,
              },
            }),
        }
      })
      return { output: { groupId: made.wid._serialized, results } }
    },
  },

  'group.get': {
    on: 'group',
    needs: [],
    run: (_input, { group, kit }) => ({ output: kit.describeGroupDetails(group) }),
  },

  'group.members': {
    on: 'group',
    needs: [],
    run: ({ limit, cursor, role }, { group, kit }) => {
      const ranks = { superadmin: 2, admin: 1, member: 0 }
      const members = group.groupMetadata.participants.getModelsArray()
      const wanted = role === undefined ? members : members.filter((one) => kit.roleOf(one) === role)
      const { items, nextCursor } = kit.pageOf(wanted, { limit, cursor }, (one) => ({
        rank: ranks[kit.roleOf(one)],
        id: one.id._serialized,
      }))
      return { output: { items: items.map(kit.describeMember), nextCursor } }
    },
  },

  'group.update': {
    on: 'group',
    needs: [
      'WAWebGroupModifyInfoJob.setGroupSubject',
      'WAWebGroupModifyInfoJob.setGroupDescription',
      'WAWebSetPropertyGroupAction.setGroupProperty',
      'WAWebMsgKey.newId',
    ],
    run: async (input, { group, page, kit, deadline }) => {
      const { subject, description, onlyAdminsSend, onlyAdminsEdit, onlyAdminsAdd } = input
      const { setGroupSubject, setGroupDescription } = page.require('WAWebGroupModifyInfoJob')
      const { setGroupProperty } = page.require('WAWebSetPropertyGroupAction')
      const settings = [onlyAdminsSend, onlyAdminsEdit, onlyAdminsAdd]
      const isForAdmins = settings.some((one) => one !== undefined) || group.groupMetadata.restrict === true
      if (isForAdmins && !kit.isAdminOf(group)) return { refused: 'not_group_admin' }
      const describe = async (text: string) => {
        const newDescId = await page.require('WAWebMsgKey').newId()
        const { id: groupWid, groupMetadata } = group
        const { descId: prevDescId } = groupMetadata
        try {
          await setGroupDescription({ groupWid, desc: text === '' ? null : text, newDescId, prevDescId })
        } catch (error) {
          // Pages of before July 2026 take four arguments, and fail before they ask the server.
          if ((error as Error).name !== 'TypeError') throw error
          await setGroupDescription(groupWid, text, newDescId, prevDescId)
        }
      }
      const switchTo = (name: string, isOn: boolean) => setGroupProperty(group as never, name, isOn ? 1 : 0)
      const wanted = <T>(value: T | undefined, change: (value: T) => Promise<unknown>) =>
        value === undefined ? undefined : () => change(value)
      const changes = {
        subject: wanted(subject, (text) => setGroupSubject(group.id, text)),
        description: wanted(description, describe),
        onlyAdminsSend: wanted(onlyAdminsSend, (isOn) => switchTo('announcement', isOn)),
        onlyAdminsEdit: wanted(onlyAdminsEdit, (isOn) => switchTo('restrict', isOn)),
        onlyAdminsAdd: wanted(onlyAdminsAdd, (isOn) => switchTo('member_add_mode', !isOn)),
      }
      const refused = await kit.changeInTurn(changes, deadline)
      if (refused) return refused
      return await kit.readBack('The group was changed.', async () =>
        kit.describeGroupDetails((await kit.findGroup(group.id._serialized)) ?? group),
      )
    },
  },

  'group.leave': {
    on: 'group',
    needs: ['WAWebExitGroupAction.sendExitGroup'],
    run: async (_input, { group, page }) => {
      await page.require('WAWebExitGroupAction').sendExitGroup(group as never)
      return { output: { groupId: group.id._serialized } }
    },
  },
} satisfies PageOperations<GroupModules>

/**
 * Runs in the page: asks the server for a group, because what the page knows may be old.
 * @returns undefined where the account is not in it
 */
export async function findGroup(groupId: string): Promise<Group | undefined> {
  const page = window as unknown as PageGlobals<GroupModules>
  const { Chat: chats, GroupMetadata, WAWebGroupMetadataCollection } = page.require('WAWebCollections')
  const wid = page.require('WAWebWidFactory').createWid(groupId)
  const chat = chats.get(wid)
  if (!chat) return undefined
  try {
    await (GroupMetadata ?? WAWebGroupMetadataCollection)?.update(wid)
  } catch (error) {
    const isOut = [401, 403, 404].includes(Number((error as { status?: unknown }).status))
    if (isOut) return undefined
    throw error
  }
  return page.sessionGatewayKit.myselfIn(chat) ? (chat as unknown as Group) : undefined
}

/** Runs in the page. */
export function isAdminOf(group: Group): boolean {
  const me = (window as unknown as PageGlobals).sessionGatewayKit.myselfIn(group as never)
  return me?.isAdmin === true || me?.isSuperAdmin === true
}

/** Runs in the page: a group as a list tells of it. */
export function describeGroup(group: Group): OperationOutput<'group.list'>['items'][number] {
  const { describePerson, isAdminOf } = (window as unknown as PageGlobals).sessionGatewayKit
  const { groupMetadata: known } = group
  return {
    id: group.id._serialized,
    subject: known.subject ?? group.formattedTitle ?? '',
    description: known.desc || null,
    owner: known.owner ? describePerson(known.owner) : null,
    createdAt: known.creation ? new Date(known.creation * 1_000).toISOString() : null,
    size: known.participants.getModelsArray().length,
    isAdmin: isAdminOf(group),
    onlyAdminsSend: known.announce === true,
    onlyAdminsEdit: known.restrict === true,
    onlyAdminsAdd: known.memberAddMode === 'admin_add' || known.memberAddMode === false,
    approvalNeeded: known.membershipApprovalMode === true,
  }
}

/** Runs in the page: a group, and who is in it. */
export function describeGroupDetails(group: Group): OperationOutput<'group.get'> {
  const { describeGroup, describeMember } = (window as unknown as PageGlobals).sessionGatewayKit
  return {
    ...describeGroup(group),
    participants: group.groupMetadata.participants.getModelsArray().map(describeMember),
  }
}

/** Runs in the page: somebody who is in a group. */
export function describeMember(one: Participant): OperationOutput<'group.get'>['participants'][number] {
  const { describePerson, roleOf } = (window as unknown as PageGlobals).sessionGatewayKit
  return { ...describePerson(one.id), role: roleOf(one) }
}

/** Runs in the page. */
export function roleOf({ isAdmin, isSuperAdmin }: Participant): 'superadmin' | 'admin' | 'member' {
  return isSuperAdmin ? 'superadmin' : isAdmin ? 'admin' : 'member'
}
