import type { Wid } from '../page-globals.ts'
import type { GroupModules } from './groups.ts'
import type { PageOperations } from './page-operation.ts'

interface InviteModules extends GroupModules {
  WAWebMexFetchGroupInviteCodeJob: {
    fetchMexGroupInviteCode(groupId: string): Promise<string | { code?: string } | undefined>
  }
  WAWebGroupInviteJob: {
    resetGroupInviteCode(group: Wid): Promise<{ code: string }>
    joinGroupViaInvite(code: string): Promise<{ gid: Wid }>
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
      for (;;) {
        if (await kit.findGroup(groupId)) return { output: { groupId, joined: true } }
        if (Date.now() > limit) return { output: { groupId, joined: false } }
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
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
