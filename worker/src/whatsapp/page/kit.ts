import { bindings } from './bindings.ts'
import { collectMissed } from './collect-missed.ts'
import { describeMessage } from './describe-message.ts'
import { fetchMedia, pieceOfFile, saveFile } from './fetch-media.ts'
import { findAnyMessage, findMessage, findOutcome, readAcks, resendMessage } from './find-message.ts'
import { keep, lidOf, logOut, otherIdentityOf, roundTrip, showState, widOf } from './functions.ts'
import { isMe, membersOf, myselfIn, whyNotToGroup } from './groups.ts'
import { describeAct, tellEdit, tellRevocation } from './listeners/acts.ts'
import { followPresence } from './listeners/chats.ts'
import { guarded, hearCalls, hearNews } from './listeners/hear-news.ts'
import { watchDecryption } from './listeners/messages.ts'
import { pageListeners } from './listeners/page-listeners.ts'
import { tellActs, tellVote } from './listeners/tell-acts.ts'
import { lookAtPage, missingBindings } from './missing-bindings.ts'
import { notWritten } from './not-written.ts'
import { isNewChat } from './operations/chats.ts'
import { needsOf, type PageOperationName, pageOperations } from './operations/page-operations.ts'
import { performOperation } from './operations/perform-operation.ts'
import { sharedFunctions } from './operations/shared-functions.ts'
import { subjects } from './operations/subjects.ts'
import { personOf } from './person-of.ts'
import { fetchLinkPreview } from './sending/fetch-link-preview.ts'
import { followSend } from './sending/follow-send.ts'
import { forwardMessage } from './sending/forward-message.ts'
import { guardHandOver } from './sending/guard-hand-over.ts'
import { postStatus } from './sending/post-status.ts'
import { prepareMedia } from './sending/prepare-media.ts'
import { sendMessage } from './sending/send-message.ts'
import { sendToChannel } from './sending/send-to-channel.ts'
import { sendToChat } from './sending/send-to-chat.ts'
import { sentBytes } from './sending/sent-bytes.ts'
import { takeOver } from './sending/take-over.ts'
import { withStickerPack } from './sending/with-sticker-pack.ts'

/** Our functions of the page. They find each other in the kit, by these names. */
export const kitFunctions = {
  keep,
  guardHandOver,
  followSend,
  fetchLinkPreview,
  prepareMedia,
  sentBytes,
  fetchMedia,
  pieceOfFile,
  saveFile,
  sendMessage,
  sendToChat,
  forwardMessage,
  sendToChannel,
  postStatus,
  takeOver,
  isMe,
  membersOf,
  myselfIn,
  whyNotToGroup,
  findMessage,
  findAnyMessage,
  findOutcome,
  readAcks,
  resendMessage,
  widOf,
  otherIdentityOf,
  lidOf,
  roundTrip,
  showState,
  withStickerPack,
  logOut,
  personOf,
  describeMessage,
  describeAct,
  guarded,
  hearCalls,
  hearNews,
  watchDecryption,
  followPresence,
  tellActs,
  tellEdit,
  tellRevocation,
  tellVote,
  collectMissed,
  lookAtPage,
  missingBindings,
  performOperation,
  isNewChat,
  ...sharedFunctions,
}

const operations = Object.entries(pageOperations).map(
  ([name, { run, ...rest }]) =>
    `'${name}': { ${fieldsOf({ ...rest, needs: needsOf(name as PageOperationName) })}, run: ${run} }`,
)

const listeners = Object.entries(pageListeners).map(
  ([name, { listen }]) => `'${name}': { listen: ${listen} }`,
)

/** What the functions read, and count. */
const data = {
  kinds: Object.fromEntries([...bindings].map(([name, { kind }]) => [name, kind])),
  subjects,
  notWritten,
  wantAvailable: 0,
  isAskedOnline: false,
}

/** The kit as JavaScript. */
export const kitText = `{
  ${fieldsOf(data)},
  ${Object.entries(kitFunctions).map(([name, code]) => `${name}: ${code}`)},
  kept: new Set(), watched: new Set(), forwards: [],
  linkPreviews: new Map(), preparedMedia: new Map(), fetchedFiles: new Map(), sends: new Map(),
  listeners: { ${listeners} },
  operations: { ${operations} },
}`

/** The fields of an object as JavaScript. */
function fieldsOf(fields: object): string {
  return JSON.stringify(fields).slice(1, -1)
}
