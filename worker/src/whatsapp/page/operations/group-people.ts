import type { PersonResult } from '@wsg/shared/operations/groups.ts'
import type { Chat, Participant, Wid } from '../page-globals.ts'
import type { GroupModules } from './groups.ts'
import type { PageOperations } from './page-operation.ts'

interface AddedPerson {
  addParticipantsParticipantAddedOrNonRegisteredWaUserParticipantErrorLidResponseMixinGroup: {
    value: {
      addParticipantsParticipantMixins?: {
        value: {
          error?: string
          addRequestCode?: string
          addRequestExpiration?: number | string
        }
      }
    }
  }
}

interface Asked {
  participantArgs: { participantJid: string }[]
}

interface PeopleOfGroupModules extends GroupModules {
  WAWebWidToJid: { widToGroupJid(wid: Wid): string; widToUserJid(wid: Wid): string }
  WASmaxGroupsAddParticipantsRPC: {
    sendAddParticipantsRPC(what: Asked & { iqTo: string }): Promise<{
      name: string
      value: {
        addParticipant?: AddedPerson[]
        errorAddParticipantsClientErrors?: { value: { code: number | string } }
        errorServerErrors?: { value: { code: number | string } }
      }
    }>
  }
  WAWebModifyParticipantsGroupAction: Record<
    'removeParticipants' | 'promoteParticipants' | 'demoteParticipants',
    (chat: Chat, participants: Participant[]) => Promise<unknown>
  >
  WAWebApiMembershipApprovalRequestStore: {
    getMembershipApprovalRequests(group: Wid): Promise<{ id: Wid; t?: number }[]>
  }
  WASmaxGroupsMembershipRequestsActionRPC: {
    sendMembershipRequestsActionRPC(
      what: { iqTo: string } & ({ approveArgs: Asked } | { rejectArgs: Asked }),
    ): Promise<{
      name: string
      value: Record<string, { participant?: Record<string, { value?: { error?: string } }>[] } | undefined>
    }>
  }
}

export const groupPeople = {
  'group.participants': {
    on: 'group',
    needs: [
      'WAWebWidToJid.widToGroupJid',
      'WAWebWidToJid.widToUserJid',
      'WASmaxGroupsAddParticipantsRPC.sendAddParticipantsRPC',
      'WAWebModifyParticipantsGroupAction.removeParticipants',
      'WAWebModifyParticipantsGroupAction.promoteParticipants',
      'WAWebModifyParticipantsGroupAction.demoteParticipants',
    ],
    run: async ({ add = [], remove = [], promote = [], demote = [] }, { group, page, kit, deadline }) => {
      const isForAdmins =
        remove.length + promote.length + demote.length > 0 || kit.describeGroup(group).onlyAdminsAdd
      if (isForAdmins && !kit.isAdminOf(group)) return { refused: 'not_group_admin' }
      const { widToGroupJid, widToUserJid } = page.require('WAWebWidToJid')
      const { sendAddParticipantsRPC } = page.require('WASmaxGroupsAddParticipantsRPC')
      const actions = page.require('WAWebModifyParticipantsGroupAction')
      /** A participant by either identity. */
      const memberOf = (wid: Wid): Participant | undefined => {
        const ids = [wid._serialized, kit.otherIdentityOf(wid)?._serialized]
        return kit.membersOf(group as never).find(({ id }) => ids.includes(id._serialized))
      }

      const addOne = async (person: string): Promise<PersonResult> => {
        const wid = kit.widOf(person)
        if (memberOf(wid)) return { person, done: false, code: 409 }
        const number = wid.isLid() ? (kit.otherIdentityOf(wid) ?? wid) : wid
        const { value } = await sendAddParticipantsRPC({
          iqTo: widToGroupJid(group.id),
          participantArgs: [{ participantJid: widToUserJid(number) }],
        })
        const said =
          value.addParticipant?.[0]
            ?.addParticipantsParticipantAddedOrNonRegisteredWaUserParticipantErrorLidResponseMixinGroup.value
            .addParticipantsParticipantMixins?.value
        const refusal = value.errorAddParticipantsClientErrors ?? value.errorServerErrors
        const code = Number(refusal?.value.code ?? said?.error ?? (value.addParticipant ? 200 : 400))
        const expiry = Number(said?.addRequestExpiration)
        return {
          ...{ person, done: code === 200, code },
          ...(said?.addRequestCode && {
            invite: {
              code: said.addRequestCode,
              expiresAt: expiry > 0 ? new Date(expiry * 1_000).toISOString() : null,
            },
          }),
        }
      }
      const act =
        (action: keyof typeof actions) =>
        async (person: string): Promise<PersonResult> => {
          const member = memberOf(kit.widOf(person))
          if (!member) return { person, done: false, code: 404 }
          await actions[action](group as never, [member])
          return { person, done: true, code: 200 }
        }

      const steps = [
        ...add.map((person) => ({ person, run: addOne })),
        ...remove.map((person) => ({ person, run: act('removeParticipants') })),
        ...promote.map((person) => ({ person, run: act('promoteParticipants') })),
        ...demote.map((person) => ({ person, run: act('demoteParticipants') })),
      ]
      const results = await kit.oneByOne(steps, { deadline, betweenMs: 300 })
      return { output: { groupId: group.id._serialized, results } }
    },
  },

  'group.requests': {
    on: 'group',
    needs: ['WAWebApiMembershipApprovalRequestStore.getMembershipApprovalRequests'],
    run: async (_input, { group, page, kit }) => {
      if (!kit.isAdminOf(group)) return { refused: 'not_group_admin' }
      const store = page.require('WAWebApiMembershipApprovalRequestStore')
      const requests = await store.getMembershipApprovalRequests(group.id)
      const items = requests.map(({ id, t }) => ({
        ...kit.describePerson(id),
        requestedAt: t ? new Date(t * 1_000).toISOString() : null,
      }))
      return { output: { items } }
    },
  },

  'group.decide': {
    on: 'group',
    needs: [
      'WAWebWidToJid.widToGroupJid',
      'WAWebWidToJid.widToUserJid',
      'WASmaxGroupsMembershipRequestsActionRPC.sendMembershipRequestsActionRPC',
      'WAWebApiMembershipApprovalRequestStore.getMembershipApprovalRequests',
    ],
    run: async ({ approve = [], reject = [] }, { group, page, kit, deadline }) => {
      if (!kit.isAdminOf(group)) return { refused: 'not_group_admin' }
      const { widToGroupJid, widToUserJid } = page.require('WAWebWidToJid')
      const { sendMembershipRequestsActionRPC } = page.require('WASmaxGroupsMembershipRequestsActionRPC')
      const store = page.require('WAWebApiMembershipApprovalRequestStore')
      const waiting = await store.getMembershipApprovalRequests(group.id)
      const decide = async (person: string, isApproved: boolean) => {
        const wid = kit.widOf(person)
        const ids = [wid._serialized, kit.otherIdentityOf(wid)?._serialized]
        const request = waiting.find(({ id }) => ids.includes(id._serialized))
        if (!request) return 404
        const asked = { participantArgs: [{ participantJid: widToUserJid(request.id) }] }
        const { name, value } = await sendMembershipRequestsActionRPC({
          iqTo: widToGroupJid(group.id),
          ...(isApproved ? { approveArgs: asked } : { rejectArgs: asked }),
        })
        if (name !== 'MembershipRequestsActionResponseSuccess') return 400
        const [action, mixins] = isApproved ? ['Approve', 'Accept'] : ['Reject', 'Reject']
        const [told] = value[`membershipRequestsAction${action}`]?.participant ?? []
        return Number(told?.[`membershipRequestsAction${mixins}ParticipantMixins`]?.value?.error ?? 200)
      }
      const deciding = (isApproved: boolean) => async (person: string) => {
        const code = await decide(person, isApproved)
        return { person, done: code === 200, code }
      }
      const steps = [
        ...approve.map((person) => ({ person, run: deciding(true) })),
        ...reject.map((person) => ({ person, run: deciding(false) })),
      ]
      const results = await kit.oneByOne(steps, { deadline, betweenMs: 0 })
      return { output: { groupId: group.id._serialized, results } }
    },
  },
} satisfies PageOperations<PeopleOfGroupModules>

interface PersonStep {
  person: string
  run(person: string): Promise<PersonResult>
}

/**
 * Runs in the page: does something with people, one after the other, so that each has a result: what WhatsApp refused as well, and
 * what it failed at. @throws what it failed at where that was the first of them, so that there is nothing else to tell
 */
export async function oneByOne(
  steps: PersonStep[],
  { deadline, betweenMs }: { deadline: number; betweenMs: number },
): Promise<PersonResult[]> {
  const answerMs = 5_000
  const [noTimeLeft, notKnown] = [0, -1]
  const results: PersonResult[] = []
  for (const [index, { person, run }] of steps.entries()) {
    if (Date.now() > deadline - answerMs) {
      results.push({ person, done: false, code: noTimeLeft })
      continue
    }
    if (index > 0) await new Promise((resolve) => setTimeout(resolve, betweenMs))
    try {
      results.push(await run(person))
    } catch (error) {
      const { name, status } = error as Error & { status?: unknown }
      if (name === 'ServerStatusCodeError') results.push({ person, done: false, code: Number(status) || 400 })
      else if (index === 0) throw error
      else results.push({ person, done: false, code: notKnown })
    }
  }
  return results
}
