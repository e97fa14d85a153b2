/** The builds of WhatsApp Web that the simulator can be, oldest first. */
export const buildNames = ['legacy', '2026-07', '2026-09'] as const
export type BuildName = (typeof buildNames)[number]

/** What `window.Debug.VERSION` says on each. */
export const versions: Record<BuildName, string> = {
  legacy: '2.3000.1043085068',
  '2026-07': '2.3000.1043220887',
  '2026-09': '2.3000.1047780587',
}

interface BuildChange {
  /** The first build that has it; every later one has it too. */
  since: BuildName
  /** The row of the README's table. */
  what: string
}

/** All that differs between the builds. The page asks for a change by its name, and never which build it is. */
export const buildChanges = {
  keyTextInDollarOne: {
    since: '2026-07',
    what: '`WAWebMsgKey` keeps its text in `$1` instead of `_serialized`; `toString()` gives it on all builds',
  },
  passkeyEvent: {
    since: '2026-07',
    what: '`WAWebLinkDeviceEvents` tells that the server wants a passkey for the new device (`link_device_events:passkey_prologue_request`)',
  },
  ackErrorCode: {
    since: '2026-07',
    what: 'what `addAndSendMsgToChat` tells of a message that the server refused has the number of the refusal (`ackErrorCode`)',
  },
  mediaModelShowsInnerId: {
    since: '2026-09',
    what: 'the media model has an own, enumerable `__x_id`; a message over which it was spread has no id («must include an id property»)',
  },
  groupCallsTakeOneObject: {
    since: '2026-07',
    what: 'a group’s description, a private invitation, and joining by one take an object (`groupWid`, `chat_`, `inviteCode` …); the last moved to `WAWebGroupInviteV4QueryJoinJob`',
  },
  chatsAreNotFound: {
    since: '2026-07',
    what: '`Chat.find` finds only what is in memory, and else throws «this.findImpl is not a function»',
  },
  notesTakeOneObject: {
    since: '2026-07',
    what: 'customer notes have no `WAWebBizGatingUtils`, and `WAWebNoteAction` takes objects of which the fields are not known: it is not there',
  },
  ordersTakeOneObject: {
    since: '2026-07',
    what: '`queryOrder` of `WAWebBizOrderBridge` takes one object',
  },
  callsAreActiveOnly: {
    since: '2026-07',
    what: 'a call that comes in is the `activeCall` of `WAWebCallCollection` and no entry of its map; only the stack of `WAWebVoipStackInterface` rejects it',
  },
  statusTakesOneObject: {
    since: '2026-07',
    what: '`sendStatusMediaMsgAction` takes one object (`mediaMsgData`, `beforeSend`), and a status goes under the LID',
  },
  channelReadersAreFollowers: {
    since: '2026-07',
    what: 'who reads a channel is told by `WAWebMexFetchNewsletterFollowersJob`, and no more by `WAWebMexFetchNewsletterSubscribersJob`',
  },
  lazyModulesAreRegistered: {
    since: '2026-09',
    what: 'a lazy module that nobody asked for throws that it has unresolved dependencies, and not that it is unknown',
  },
} as const satisfies Record<string, BuildChange>
export type BuildChangeName = keyof typeof buildChanges

export function hasChange(build: BuildName, change: BuildChangeName): boolean {
  return buildNames.indexOf(build) >= buildNames.indexOf(buildChanges[change].since)
}
