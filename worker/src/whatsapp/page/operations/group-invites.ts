import type { Wid } from '../page-globals.ts'
import type { GroupModules } from './groups.ts'
import type { Message } from './messages.ts'
import type { PageOperations } from './page-operation.ts'

/** A private invitation as the page's message has it. */
interface Invitation extends Message {
  from?: Wid
  inviteCode?: string
  inviteCodeExp?: number | string
  inviteGrp?: Wid | string
}

interface Joining {
  from: Wid
  inviteCode: string
  inviteCodeExp: string
  inviteGrp: string
}
type Joined = { status?: number; gid?: Wid } | undefined

interface InviteModules extends GroupModules {
  WAWebMexFetchGroupInviteCodeJob: {
    fetchMexGroupInviteCode(groupId: string): Promise<string | { code?: string } | undefined>
  }
  WAWebGroupInviteJob: {
    resetGroupInviteCode(group: Wid): Promise<{ code: string }>
    joinGroupViaInvite(code: string): Promise<{ gid: Wid }>
  }
  WAWebChatSendMessages: {
    /** One object, or the values of it. */
    sendGroupInviteMessage(...invitation: unknown[]): Promise<unknown>
  }
  WAWebGroupInviteV4QueryJoinJob: { joinGroupViaInviteV4(what: Joining): Promise<Joined> }
  /** Where that was until July 2026, first with four arguments. */
  WAWebGroupInviteV4Job: {
    joinGroupViaInviteV4(...what: [Joining] | [string, string, string, Wid]): Promise<Joined>
  }
  WAWebGroupQueryJob: {
    queryGroupInvite(code: string): Promise<{
      id: Wid | string
      subject?: string
      desc?: string | null
      creation?: number
      size?: number
      participants?: unknown[]
    }>
  }
}

export const groupInvites = {
  'group.invite': {
    on: 'group',
    needs: ['WAWebMexFetchGroupInviteCodeJob.fetchMexGroupInviteCode'],
    run: async (_input, { group, page, kit }) => {
      if (!kit.isAdminOf(group)) return { refused: 'not_group_admin' }
      const job = page.require('WAWebMexFetchGroupInviteCodeJob')
      const said = await job.fetchMexGroupInviteCode(group.id._serialized)
      const code = typeof said === 'string' ? said : said?.code
      if (!code) return { refused: 'whatsapp_refused', detail: 'WhatsApp gave no code.' }
      return { output: { code, link: `https://chat.whatsapp.com/${code}` } }
    },
  },

  'group.revoke-invite': {
    on: 'group',
    needs: ['WAWebGroupInviteJob.resetGroupInviteCode'],
    run: async (_input, { group, page, kit }) => {
      if (!kit.isAdminOf(group)) return { refused: 'not_group_admin' }
      const { code } = await page.require('WAWebGroupInviteJob').resetGroupInviteCode(group.id)
      return { output: { code, link: `https://chat.whatsapp.com/${code}` } }
    },
  },

  'group.invite-info': {
    needs: ['WAWebGroupQueryJob.queryGroupInvite'],
    run: async ({ code }, { page, kit }) => {
      const group = await kit.ofValidInvite(page.require('WAWebGroupQueryJob').queryGroupInvite(code))
      if (!group) return { refused: 'invite_not_valid' }
      const { id, subject = '', desc, creation, size, participants = [] } = group
      return {
        output: {
          id: typeof id === 'string' ? id : id._serialized,
          subject,
          description: desc || null,
          createdAt: creation ? new Date(creation * 1_000).toISOString() : null,
          size: size ?? participants.length,
        },
      }
    },
  },

  'group.join': {
    needs: [
      'WAWebGroupInviteJob.joinGroupViaInvite',
      'WAWebCollections.Chat.get',
      'WAWebWidFactory.createWid',
    ],
    run: async ({ code }, { page, kit, deadline }) => {
      const joined = await kit.ofValidInvite(page.require('WAWebGroupInviteJob').joinGroupViaInvite(code))
      if (!joined) return { refused: 'invite_not_valid' }
      const groupId = joined.gid._serialized
      // Where an admin has to let the account in, the page never has a group that it is in.
      const limit = Math.min(deadline, Date.now() + 2_000)
      return await kit.readBack(`The code was used, and leads to ${groupId}.`, async () => {
        for (;;) {
          if (await kit.findGroup(groupId)) return { groupId, joined: true }
          if (Date.now() > limit) return { groupId, joined: false }
          await new Promise((resolve) => setTimeout(resolve, 200))
        }
      })
    },
  },

  'group.send-invitation': {
    on: 'group',
    needs: [
      'WAWebWidFactory.createWid',
      'WAWebFindChatAction.findOrCreateLatestChat',
      'WAWebChatSendMessages.sendGroupInviteMessage',
    ],
    run: async ({ person, code, expiresAt, text }, { group, page, kit, deadline }) => {
      const { chat } = await page.require('WAWebFindChatAction').findOrCreateLatestChat(kit.widOf(person))
      const { sendGroupInviteMessage } = page.require('WAWebChatSendMessages')
      const [groupId, name] = [group.id._serialized, group.groupMetadata.subject ?? '']
      const exp = String(Math.floor(Date.parse(expiresAt) / 1_000))
      const act = async () => {
        try {
          const invitation = { chat_: chat, gid: groupId, name, code, exp, caption: text, thumb: '' }
          return await sendGroupInviteMessage(invitation)
        } catch (error) {
          // Pages of before July 2026 take seven arguments, and fail before they send anything.
          if ((error as Error).name !== 'TypeError') throw error
          return await sendGroupInviteMessage(chat, groupId, name, code, exp, text, '')
        }
      }
      return await kit.confirmed({ act, deadline }, () => ({ groupId, person }))
    },
  },

  'message.accept-invitation': {
    on: 'message',
    needs: [
      'WAWebGroupInviteV4QueryJoinJob.joinGroupViaInviteV4 or WAWebGroupInviteV4Job.joinGroupViaInviteV4',
    ],
    run: async (_input, { message, page, kit }) => {
      const current = 'WAWebGroupInviteV4QueryJoinJob'
      const { type, from, inviteCode, inviteCodeExp = '', inviteGrp } = message as Invitation
      if (type !== 'groups_v4_invite' || message.id.fromMe || !inviteCode || !inviteGrp || !from)
        return { refused: 'message_not_allowed', detail: 'This message is no private invitation to a group.' }
      const groupId = typeof inviteGrp === 'string' ? inviteGrp : inviteGrp._serialized
      const joining = { from, inviteCode, inviteCodeExp: String(inviteCodeExp), inviteGrp: groupId }
      const join = async () => {
        if (kit.missingBindings([`${current}.joinGroupViaInviteV4`]).length === 0)
          return await page.require(current).joinGroupViaInviteV4(joining)
        const former = page.require('WAWebGroupInviteV4Job')
        return former.joinGroupViaInviteV4.length > 1
          ? await former.joinGroupViaInviteV4(inviteCode, joining.inviteCodeExp, groupId, from)
          : await former.joinGroupViaInviteV4(joining)
      }
      const joined = await kit.ofValidInvite(join())
      const status = joined?.status ?? 200
      if (!joined || [404, 406, 410].includes(status)) return { refused: 'invite_not_valid' }
      if (status !== 200) return { refused: 'whatsapp_refused', detail: `WhatsApp says ${status}.` }
      return { output: { ...kit.nameMessage(message), groupId } }
    },
  },
} satisfies PageOperations<InviteModules>

/** Runs in the page. @returns undefined where the server knows no such code, or knows it no more */
export async function ofValidInvite<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    const { name, status } = error as Error & { status?: unknown }
    if (name === 'ServerStatusCodeError' && [404, 406, 410].includes(Number(status))) return undefined
    throw error
  }
}
