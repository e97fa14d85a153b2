import type { OperationOutput } from '@wsg/shared/operations/operations.ts'
import type { PageGlobals, PageModules, Wid } from '../page-globals.ts'
import type { PageOperations } from './page-operation.ts'

interface Call {
  id: string
  peerJid: Wid
}
interface CallCollection {
  activeCall?: Call | null
  _callMap?: Map<string, Call>
}

interface AccountModules extends PageModules {
  WAWebConnModel: { Conn: { pushname?: string; canSetMyPushname(): boolean } }
  WAWebSetPushnameConnAction: { setPushname(name: string): Promise<unknown> }
  WAWebContactStatusBridge: PageModules['WAWebContactStatusBridge'] & {
    setMyStatus(about: string): Promise<unknown>
  }
  WAWebCallCollection: CallCollection & { default?: CallCollection }
  WAWebVoipStackInterface: { getVoipStackInterface(): Promise<{ rejectCall(): Promise<unknown> }> }
  WAWap: { generateId(): string; wap(tag: string, attributes: object, children?: unknown[]): unknown }
  WADeprecatedSendIq: { deprecatedCastStanza(stanza: unknown): Promise<unknown> }
}

/** What `describeProfile` uses. */
const PROFILE = [
  'WAWebConnModel.Conn',
  'WAWebUserPrefsMeUser.getMaybeMePnUser',
  'WAWebUserPrefsMeUser.getMaybeMeLidUser',
  'WAWebContactStatusBridge.getStatus',
  'WAWebContactProfilePicThumbBridge.requestProfilePicFromServer',
] as const

export const account = {
  'profile.get': {
    needs: PROFILE,
    run: async (_input, { kit }) => ({ output: await kit.describeProfile() }),
  },

  'profile.update': {
    needs: [
      ...PROFILE,
      'WAWebConnModel.Conn.canSetMyPushname',
      'WAWebSetPushnameConnAction.setPushname',
      'WAWebContactStatusBridge.setMyStatus',
    ],
    run: async ({ name, about }, { page, kit, deadline }) => {
      if (name !== undefined && !page.require('WAWebConnModel').Conn.canSetMyPushname())
        return { refused: 'not_supported', detail: 'The name of this account is changed on its phone alone.' }
      const { setPushname } = page.require('WAWebSetPushnameConnAction')
      const { setMyStatus } = page.require('WAWebContactStatusBridge')
      const changes = {
        name: name === undefined ? undefined : () => setPushname(name),
        about: about === undefined ? undefined : () => setMyStatus(about),
      }
      const refused = await kit.changeInTurn(changes, deadline)
      return refused ?? (await kit.readBack('The profile was changed.', () => kit.describeProfile()))
    },
  },

  'presence.set': {
    needs: ['WAWebStreamModel.Stream.markAvailable', 'WAWebStreamModel.Stream.markUnavailable'],
    run: ({ available }, { page, kit }) => {
      const { Stream } = page.require('WAWebStreamModel')
      if (available !== kit.isAskedOnline) kit.wantAvailable += available ? 1 : -1
      kit.isAskedOnline = available
      if (available && !Stream.available) Stream.markAvailable()
      if (kit.wantAvailable === 0 && Stream.available) Stream.markUnavailable()
      return { output: { available } }
    },
  },

  'call.reject': {
    needs: [
      'WAWebCallCollection',
      'WAWebVoipStackInterface.getVoipStackInterface',
      'WAWap.wap',
      'WAWap.generateId',
      'WADeprecatedSendIq.deprecatedCastStanza',
      'WAWebUserPrefsMeUser.getMaybeMePnUser',
    ],
    run: async ({ callId }, { page }) => {
      const found = page.require('WAWebCallCollection')
      const calls = found.default ?? found
      if (calls.activeCall?.id === callId) {
        await (await page.require('WAWebVoipStackInterface').getVoipStackInterface()).rejectCall()
        return { output: { callId } }
      }
      const call = calls._callMap?.get(callId)
      if (!call) return { refused: 'call_not_found' }
      // Pages of before July 2026 leave a call to whoever lists it, and refuse it with a stanza.
      const { wap, generateId } = page.require('WAWap')
      const from = page.require('WAWebUserPrefsMeUser').getMaybeMePnUser()?._serialized
      const peer = call.peerJid._serialized
      const reject = wap('reject', { 'call-id': callId, 'call-creator': peer, count: '0' })
      await page
        .require('WADeprecatedSendIq')
        .deprecatedCastStanza(wap('call', { id: generateId(), from, to: peer }, [reject]))
      return { output: { callId } }
    },
  },

  'call.link': {
    needs: ['WAWebGenerateEventCallLink.createEventCallLink'],
    run: async ({ type, startsAt }, { page }) => {
      const startMs = startsAt === undefined ? Date.now() : Date.parse(startsAt)
      const job = page.require('WAWebGenerateEventCallLink')
      const link = await job.createEventCallLink(Math.floor(startMs / 1_000), type)
      return link ? { output: { link } } : { refused: 'whatsapp_refused', detail: 'WhatsApp gave no link.' }
    },
  },
} satisfies PageOperations<AccountModules>

/** Runs in the page: what the account shows of itself. */
export async function describeProfile(): Promise<OperationOutput<'profile.get'>> {
  const page = window as unknown as PageGlobals<AccountModules>
  const { getMaybeMePnUser, getMaybeMeLidUser } = page.require('WAWebUserPrefsMeUser')
  const wid = getMaybeMePnUser()
  if (!wid) throw new Error('the page does not know its account')
  const [about, picture] = await Promise.all([
    page.require('WAWebContactStatusBridge').getStatus({ token: '', wid }),
    page.require('WAWebContactProfilePicThumbBridge').requestProfilePicFromServer({ id: wid }),
  ])
  return {
    phone: wid.user,
    lid: getMaybeMeLidUser()?._serialized ?? null,
    name: page.require('WAWebConnModel').Conn.pushname ?? '',
    about: typeof about.status === 'string' ? about.status : null,
    picture: picture?.eurl ?? null,
  }
}
