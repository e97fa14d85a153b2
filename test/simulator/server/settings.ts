import { z } from 'zod'
import { buildNames } from '../builds.ts'

const ms = z.number().int().min(0).max(86_400_000)
const digits = z.string().regex(/^\d{6,15}$/, 'a phone number in digits, country code first')
const lidMode = z.enum(['unknown', 'known', 'sent-under-lid', 'all-under-lid'])

const sendFailure = z.enum([
  'ERROR_NETWORK',
  'ERROR_EXPIRED',
  'ERROR_CANCELLED',
  'ERROR_UPLOAD',
  'ERROR_UNKNOWN',
  'ERROR_RATE_LIMIT',
])

/** What the server, or its page, does differently for one account. Numbers are those of the other side. */
export const accountSwitchesSchema = z
  .strictObject({
    nacks: z
      .record(z.string().regex(/^\d+(@g\.us)?$/), z.number().int().min(400).max(599))
      .describe('the server refuses messages to these numbers and groups, each with this code (463, 475, …)'),
    failures: z
      .record(digits, sendFailure)
      .describe('messages to these numbers fail before the wire, each with this outcome'),
    lostAnswers: z
      .record(digits, sendFailure.nullable())
      .describe(
        'messages to these numbers arrive, but the page never hears the server’s own answer: with null it waits on, else the send fails with this outcome; receipts come',
      ),
    hiddenFrom: z
      .array(digits)
      .describe('numbers that show the account neither their picture nor what they say of themselves'),
    business: z
      .boolean()
      .describe('its phone has WhatsApp Business: the platform is `smba`, and it has labels'),
    blocked: z.array(digits).describe('numbers that the account has blocked'),
    wrongNegatives: z
      .record(digits, ms)
      .describe(
        'the first query for these numbers wrongly finds nobody, and the page keeps that for so many ms',
      ),
    mimetypeCheck: z
      .boolean()
      .describe('media is not downloaded under a mimetype that does not fit its kind'),
    refusals: z
      .record(z.string(), z.number().int().min(400).max(599))
      .describe('queries that the server refuses (`profile.about`, …), each with this status'),
    history: z
      .object({
        chats: z.number().int().min(0),
        contacts: z.number().int().min(0),
        messages: z.number().int().min(0).optional(),
      })
      .describe(
        'how many made-up chats and address book entries the account has beside its own, and how many messages the newest of these chats, from the next login or load on',
      ),
  })
  .partial()
export type AccountSwitches = z.infer<typeof accountSwitchesSchema>

/** Every knob of the simulator. Times are milliseconds. The README's table is written from these descriptions. */
export const settingsSchema = z.strictObject({
  build: z.enum(buildNames).describe('which build of the page is served, from the next page load on'),
  missing: z
    .array(z.string().min(1))
    .describe(
      'modules (`WAWebCmd`), exports and their members (`WAWebCmd.Cmd.on`) that the page does not offer, from the next page load on',
    ),
  lateModules: z
    .record(z.string(), ms)
    .describe('modules that are there only so many ms after the page, from the next page load on'),
  lazyModules: z
    .array(z.string().min(1))
    .describe(
      'modules that are there only once `requireLazy` was asked for them, from the next page load on',
    ),
  uploadBytesPerSecond: z
    .number()
    .int()
    .min(0)
    .describe('how fast files are uploaded; 0: as fast as they come'),
  uploadsEndAt: z
    .number()
    .int()
    .min(0)
    .describe('bytes after which the connection of an upload is cut; 0: never'),
  dedupe: z
    .boolean()
    .describe(
      'whether the server drops a message id that it has seen from the same account, and answers a query that is asked again as before',
    ),
  serverAckDelayMs: ms.describe('arrival at the server to ack 1'),
  deliveredAckDelayMs: ms.describe('ack 1 to ack 2'),
  readAckDelayMs: ms.describe('ack 2 to ack 3'),
  noAck: z.boolean().describe('messages arrive and are delivered, but no ack is ever sent for them'),
  readReceipts: z.boolean().describe('whether ack 3 is sent'),
  away: z
    .array(digits)
    .describe('numbers whose phones are off: no receipts come from them, but for what is read by request'),
  syncDelayMs: ms.describe('CONNECTED to hasSynced; with 0 the stock library usually misses it'),
  syncWaits: z
    .boolean()
    .describe('whether hasSynced also waits until something listens for it, on however busy a machine'),
  pageLoadDelayMs: ms.describe('how long the page itself is held back'),
  refusedBrowsers: z
    .array(z.string().min(1))
    .describe(
      'browsers whose user agent has one of these words get a page that says that it does not support them, and in which nothing starts',
    ),
  lostScripts: z
    .number()
    .int()
    .min(0)
    .describe('how many loads of the page get no script: the connection ends before it has come'),
  qrRotateMs: ms.min(50).describe('life of one QR code'),
  qrCodesUntilIdle: z
    .number()
    .int()
    .min(1)
    .describe('codes shown until the page goes UNPAIRED_IDLE and waits for a refresh'),
  offlineDeliveryMs: ms.describe(
    'how long the delivery of what waited takes after each connection; what is sent meanwhile waits for its end',
  ),
  offlineWaitLimitMs: ms.describe('how long a send waits for that, before it goes on'),
  reconnectDelayMs: ms.describe('how long the page waits before it opens a dropped socket again'),
  refusePages: z.boolean().describe('the server takes no page connection, as when the network is away'),
  staleLogin: z
    .enum(['reload', 'in-place'])
    .describe(
      'what the page does with a login that was ended while it was off: reload as after a logout, or show the QR at once',
    ),
  unregistered: z.array(digits).describe('numbers that are not on WhatsApp'),
  groupsByInvitationOnly: z
    .array(digits)
    .describe('numbers that nobody can add to a group, but only invite (403)'),
  resolveExtraDigits: z.boolean().describe('whether a query settles the extra digit of Brazil and Mexico'),
  lid: lidMode.describe('how LIDs occur, for every number'),
  lidByNumber: z.record(digits, lidMode).describe('the same for single numbers'),
  chatNeedsLid: z
    .boolean()
    .describe('finding or creating a chat throws «No LID for user» unless the page has learned the LID'),
  numberQueryDelayMs: ms.describe('answer time of a number query'),
  queryDelayMs: ms.describe(
    'how long any other query is under way; it does not arrive where its connection ends meanwhile',
  ),
  linkPreviewDelayMs: ms.describe('answer time of a link preview'),
  downloadDelayMs: ms.describe('how long the server takes until it gives a file'),
  hangPage: z
    .enum(['no', 'wedged', 'frozen'])
    .describe(
      'wedged: no call of the page ever finishes, though it says CONNECTED; frozen: its main thread spins. Also for pages opened later',
    ),
  leakMbPerSecond: z.number().min(0).max(1024).describe('growth of every page, MB a second'),
  accounts: z
    .record(digits, accountSwitchesSchema)
    .describe('switches of single accounts, by their number: see below'),
  autoReply: z
    .string()
    .nullable()
    .describe(
      'numbers that are no account answer every message with this text; {body} stands for what they got',
    ),
})

export type Settings = z.infer<typeof settingsSchema>

export const settingsPatchSchema = settingsSchema.partial()

export const defaultSettings: Settings = {
  build: '2026-09',
  missing: [],
  lateModules: {},
  lazyModules: ['WAWebChatForwardMessage'],
  uploadBytesPerSecond: 0,
  uploadsEndAt: 0,
  dedupe: true,
  serverAckDelayMs: 0,
  deliveredAckDelayMs: 30,
  readAckDelayMs: 50,
  noAck: false,
  readReceipts: true,
  away: [],
  syncDelayMs: 600,
  syncWaits: false,
  pageLoadDelayMs: 0,
  refusedBrowsers: ['Headless'],
  lostScripts: 0,
  qrRotateMs: 20_000,
  qrCodesUntilIdle: 6,
  offlineDeliveryMs: 0,
  offlineWaitLimitMs: 300_000,
  reconnectDelayMs: 500,
  refusePages: false,
  staleLogin: 'reload',
  unregistered: [],
  groupsByInvitationOnly: [],
  resolveExtraDigits: true,
  lid: 'known',
  lidByNumber: {},
  chatNeedsLid: false,
  numberQueryDelayMs: 0,
  queryDelayMs: 0,
  linkPreviewDelayMs: 0,
  downloadDelayMs: 0,
  hangPage: 'no',
  leakMbPerSecond: 0,
  accounts: {},
  autoReply: null,
}
