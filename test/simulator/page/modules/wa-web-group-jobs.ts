import type { Queries } from '../../wire.ts'
import { build } from '../build.ts'
import type { ChatModel } from '../chat-model.ts'
import { type GroupMetadata, groupMetadata } from '../group-metadata.ts'
import type { MsgAttributes } from '../msg-model.ts'
import { numberBook } from '../number-book.ts'
import { wireLink } from '../wire-link.ts'
import { WAWebMsgKey } from './wa-web-msg-key.ts'
import { WAWebSendMsgChatAction } from './wa-web-send-msg-chat-action.ts'
import { WAWebUserPrefsMeUser } from './wa-web-user-prefs-me-user.ts'
import type { WAWebWid } from './wa-web-wid.ts'
import { WAWebWidFactory } from './wa-web-wid-factory.ts'

/** The modules by which a person makes groups, changes them, invites and joins. All reject with ServerStatusCodeError. */
const numberOf = (wid: WAWebWid) => numberBook.phoneOf(wid)?.user ?? wid.user

interface CreateOptions {
  title: string
  addressingModeOverride?: 'lid' | 'pn'
  announce?: boolean
  restrict?: boolean
  ephemeralDuration?: number
  memberAddMode?: boolean
  membershipApprovalMode?: boolean
}

export const WAWebGroupCreateJob = {
  async createGroup(options: CreateOptions, participants: { phoneNumber: WAWebWid; lid?: WAWebWid }[]) {
    const { title, announce = false, restrict = false, ephemeralDuration = 0 } = options
    const { group, additions } = await wireLink.query('group.create', {
      properties: {
        subject: title,
        announce,
        restrict,
        ephemeralDuration,
        memberAddMode: options.memberAddMode === false ? 'admin_add' : 'all_member_add',
        membershipApprovalMode: options.membershipApprovalMode === true,
        isLidAddressingMode: options.addressingModeOverride !== 'pn',
      },
      numbers: participants.map(({ phoneNumber, lid }) => numberOf(phoneNumber ?? lid)),
    })
    groupMetadata.take(group)
    const address = group.isLidAddressingMode ? 'lid' : 'number'
    return {
      wid: WAWebWidFactory.createWid(group.id),
      subject: group.subject,
      creator: WAWebUserPrefsMeUser.getMaybeMePnUser(),
      ts: group.creation,
      participants: additions.map(({ who, code, role, inviteCode, inviteCodeExp }) => {
        numberBook.learn(who)
        return {
          wid: WAWebWidFactory.createWid(address === 'lid' ? `${who.lid}@lid` : `${who.number}@c.us`),
          error: code === 200 ? null : code,
          type: role === 'member' ? 'participant' : role,
          invite_code: inviteCode,
          invite_code_exp: inviteCodeExp === undefined ? undefined : String(inviteCodeExp),
        }
      }),
      invitedOutContacts: [],
    }
  },
}

/** The page's RPCs answer what the server said, under the names of its protocol. */
export const WASmaxGroupsAddParticipantsRPC = {
  async sendAddParticipantsRPC({
    participantArgs,
    iqTo,
  }: {
    participantArgs: { participantJid: string }[]
    iqTo: string
  }) {
    const [first] = participantArgs
    const wid = WAWebWidFactory.createWid(first?.participantJid ?? '')
    try {
      const { code, inviteCode, inviteCodeExp } = await wireLink.query('group.add', {
        id: iqTo,
        number: numberOf(wid),
      })
      const mixins = {
        name: inviteCode === undefined ? 'ParticipantAdded' : 'ParticipantRequestCodeCanBeSent',
        value: {
          ...(code !== 200 && { error: String(code) }),
          addRequestCode: inviteCode,
          addRequestExpiration: inviteCodeExp,
        },
      }
      const group = { value: { addParticipantsParticipantMixins: mixins } }
      return {
        name: 'AddParticipantsResponseSuccess',
        value: {
          addParticipant: [
            {
              addParticipantsParticipantAddedOrNonRegisteredWaUserParticipantErrorLidResponseMixinGroup:
                group,
            },
          ],
        },
      }
    } catch (error) {
      const code = Reflect.get(Object(error), 'status')
      return {
        name: 'AddParticipantsResponseClientError',
        value: { errorAddParticipantsClientErrors: { value: { code } } },
      }
    }
  },
}

export const WASmaxGroupsMembershipRequestsActionRPC = {
  async sendMembershipRequestsActionRPC({
    iqTo,
    approveArgs,
    rejectArgs,
  }: Record<'approveArgs' | 'rejectArgs', { participantArgs: { participantJid: string }[] } | undefined> & {
    iqTo: string
  }) {
    const [first] = (approveArgs ?? rejectArgs)?.participantArgs ?? []
    const jid = first?.participantJid ?? ''
    const number = numberOf(WAWebWidFactory.createWid(jid))
    await wireLink.query('group.decide', { id: iqTo, number, approve: approveArgs !== undefined })
    const action = `membershipRequestsAction${approveArgs ? 'Approve' : 'Reject'}`
    return {
      name: 'MembershipRequestsActionResponseSuccess',
      value: { [action]: { participant: [{ jid }] } },
    }
  },
}

export const WAWebApiMembershipApprovalRequestStore = {
  async getMembershipApprovalRequests(group: WAWebWid): Promise<{ id: WAWebWid }[]> {
    return (await groupMetadata.update(group)).membershipApprovalRequests._models
  },
}

const modify =
  (action: Queries['group.members']['ask']['action']) =>
  async (chat: ChatModel, participants: { id: WAWebWid }[]): Promise<void> => {
    const numbers = participants.map(({ id }) => numberOf(id))
    await wireLink.query('group.members', { id: chat.id.toString(), action, numbers })
  }

export const WAWebModifyParticipantsGroupAction = {
  removeParticipants: modify('remove'),
  promoteParticipants: modify('promote'),
  demoteParticipants: modify('demote'),
}

interface Description {
  groupWid: WAWebWid
  desc: string
  newDescId: string
  prevDescId?: string
}

async function describeGroup({ groupWid, desc, newDescId }: Description): Promise<void> {
  const id = groupWid.toJid()
  await wireLink.query('group.change', { id, change: { desc, descId: newDescId } })
}

export const WAWebGroupModifyInfoJob = {
  async setGroupSubject(groupWid: WAWebWid, subject: string): Promise<void> {
    await wireLink.query('group.change', { id: groupWid.toJid(), change: { subject } })
  },
  setGroupDescription: build.has('groupCallsTakeOneObject')
    ? describeGroup
    : (groupWid: WAWebWid, desc: string, newDescId: string) => describeGroup({ groupWid, desc, newDescId }),
}

export const WAWebSetPropertyGroupAction = {
  async setGroupProperty(
    chat: ChatModel,
    name: 'announcement' | 'restrict' | 'member_add_mode',
    value: 0 | 1,
  ): Promise<void> {
    const change = {
      announcement: { announce: value === 1 },
      restrict: { restrict: value === 1 },
      member_add_mode: { memberAddMode: value === 1 ? 'all_member_add' : 'admin_add' },
    } as const
    await wireLink.query('group.change', { id: chat.id.toString(), change: change[name] })
  },
}

export const WAWebExitGroupAction = {
  async sendExitGroup(chat: ChatModel): Promise<void> {
    await wireLink.query('group.leave', { id: chat.id.toString() })
  },
}

export const WAWebGroupQueryJob = {
  queryAndUpdateGroupMetadataById: ({ id }: { id: string | WAWebWid }): Promise<GroupMetadata> =>
    groupMetadata.update(id),
  queryGroupInvite: (code: string) => wireLink.query('group.byCode', { code }),
}

export const WAWebMexFetchGroupInviteCodeJob = {
  fetchMexGroupInviteCode: (id: string) => wireLink.query('group.code', { id: String(id), renew: false }),
}

export const WAWebGroupInviteJob = {
  resetGroupInviteCode: (id: WAWebWid) => wireLink.query('group.code', { id: id.toString(), renew: true }),
  async joinGroupViaInvite(code: string): Promise<{ gid: WAWebWid }> {
    return { gid: WAWebWidFactory.createWid((await wireLink.query('group.join', { code })).id) }
  },
}

async function joinGroup(id: string, code: string): Promise<{ status: number; gid?: WAWebWid }> {
  try {
    await wireLink.query('group.accept', { id, code })
    return { status: 200, gid: WAWebWidFactory.createWid(id) }
  } catch (error) {
    return { status: Number(Reflect.get(Object(error), 'status')) }
  }
}

/** Until July; then `joinGroupViaInviteV4` moved, and takes one object. */
export const WAWebGroupInviteV4Job = build.has('groupCallsTakeOneObject')
  ? {}
  : {
      joinGroupViaInviteV4: (code: string, _expires: string, id: string, _from: WAWebWid) =>
        joinGroup(id, code),
    }

export const WAWebGroupInviteV4QueryJoinJob = {
  joinGroupViaInviteV4: ({ inviteCode, inviteGrp }: { inviteCode: string; inviteGrp: string | WAWebWid }) =>
    joinGroup(String(inviteGrp), inviteCode),
}

interface Invitation {
  chat_: ChatModel
  gid: string
  name: string
  code: string
  exp: string | number
  caption?: string
  thumb?: string
}

async function invite({
  chat_: chat,
  gid,
  name,
  code,
  exp,
  caption = '',
  thumb,
}: Invitation): Promise<unknown> {
  const to = chat.id
  const from =
    (to.isLid() ? WAWebUserPrefsMeUser.getMaybeMeLidUser() : WAWebUserPrefsMeUser.getMaybeMePnUser()) ?? to
  const message: MsgAttributes = {
    ...{
      id: new WAWebMsgKey({ from, to, id: await WAWebMsgKey.newId(), selfDir: 'out' }),
      from,
      to,
      body: '',
    },
    ...{ ack: 0, local: true, self: 'out', isNewMsg: true, type: 'groups_v4_invite' },
    ...{ t: Math.floor(Date.now() / 1000), comment: caption, inviteGrpJpegThum: thumb },
    ...{ inviteCode: code, inviteCodeExp: exp, inviteGrp: gid, inviteGrpName: name },
  }
  return WAWebSendMsgChatAction.addAndSendMsgToChat(chat, message)[1]
}

type PositionalInvitation = [
  chat_: ChatModel,
  gid: string,
  name: string,
  code: string,
  exp: string,
  caption: string,
  thumb: string,
]

export const WAWebChatSendMessages = {
  sendGroupInviteMessage: build.has('groupCallsTakeOneObject')
    ? invite
    : (...[chat_, gid, name, code, exp, caption, thumb]: PositionalInvitation) =>
        invite({ chat_, gid, name, code, exp, caption, thumb }),
}
