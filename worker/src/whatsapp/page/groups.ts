import type { Chat, GroupMetadata, PageGlobals, Participant, Wid } from './page-globals.ts'

/** Runs in the page: those who are in a group, as far as the page knows; nobody where the chat is no group. */
export function membersOf(chat: Chat): Participant[] {
  return chat.groupMetadata?.participants.getModelsArray() ?? []
}

/** Runs in the page: the account as one of those who are in a group; undefined where it is not in it. */
export function myselfIn(chat: Chat): Participant | undefined {
  const page = window as unknown as PageGlobals
  const { getMaybeMeLidUser, getMaybeMePnUser } = page.require('WAWebUserPrefsMeUser')
  const ids = [getMaybeMePnUser()?._serialized, getMaybeMeLidUser()?._serialized]
  return page.sessionGatewayKit.membersOf(chat).find(({ id }) => ids.includes(id._serialized))
}

/** Runs in the page: whether somebody is this account. */
export function isMe(wid: Wid): boolean {
  const { getMaybeMeLidUser, getMaybeMePnUser } = (window as unknown as PageGlobals).require(
    'WAWebUserPrefsMeUser',
  )
  return [getMaybeMePnUser(), getMaybeMeLidUser()].some((me) => me?._serialized === wid._serialized)
}

/**
 * Runs in the page: why the account may not write in a group. What the page knows may be old, so that the server is asked
 * before the account is told that it may not; where neither says, WhatsApp decides when the message arrives there.
 */
export async function whyNotToGroup(
  groupId: string,
): Promise<'chat_not_found' | 'not_in_group' | 'group_admins_only' | undefined> {
  const page = window as unknown as PageGlobals
  const { GroupMetadata, WAWebGroupMetadataCollection } = page.require('WAWebCollections')
  const groups = GroupMetadata ?? WAWebGroupMetadataCollection
  const wid = page.require('WAWebWidFactory').createWid(groupId)

  const judge = (group: GroupMetadata | undefined) => {
    const members = group?.participants.getModelsArray() ?? []
    const me = members.find(({ id }) => page.sessionGatewayKit.isMe(id))
    if (!me) return 'not_in_group'
    return group?.announce && !me.isAdmin && !me.isSuperAdmin ? 'group_admins_only' : undefined
  }

  if (!groups || !judge(groups.get(wid))) return undefined
  try {
    await groups.update(wid)
  } catch (error) {
    const status = Number((error as { status?: unknown } | null)?.status)
    if (status === 404) return 'chat_not_found'
    return status === 401 || status === 403 ? 'not_in_group' : undefined
  }
  return judge(groups.get(wid))
}
