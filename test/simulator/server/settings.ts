import { z } from 'zod'
import { buildNames } from '../builds.ts'

const ms = z.number().int().min(0).max(86_400_000)
const digits = z.string().regex(/^\d{6,15}$/, 'a phone number in digits, country code first')
const lidMode = z.enum(['unknown', 'known', 'sent-under-lid', 'all-under-lid'])

/** Every knob of the simulator. Times are milliseconds. The README's table is written from these descriptions. */
export const settingsSchema = z.strictObject({
  build: z.enum(buildNames).describe('which build of the page is served, from the next page load on'),
  dedupe: z
    .boolean()
    .describe('whether the server drops a message id that it has seen from the same account'),
  serverAckDelayMs: ms.describe('arrival at the server to ack 1'),
  deliveredAckDelayMs: ms.describe('ack 1 to ack 2'),
  readAckDelayMs: ms.describe('ack 2 to ack 3'),
  noAck: z.boolean().describe('messages arrive and are delivered, but no ack is ever sent for them'),
  readReceipts: z.boolean().describe('whether ack 3 is sent'),
  syncDelayMs: ms.describe('CONNECTED to hasSynced; with 0 the stock library usually misses it'),
  pageLoadDelayMs: ms.describe('how long the page itself is held back'),
  qrRotateMs: ms.min(50).describe('life of one QR code'),
  qrCodesUntilIdle: z
    .number()
    .int()
    .min(1)
    .describe('codes shown until the page goes UNPAIRED_IDLE and waits for a refresh'),
  reconnectDelayMs: ms.describe('how long the page waits before it opens a dropped socket again'),
  refusePages: z.boolean().describe('the server takes no page connection, as when the network is away'),
  staleLogin: z
    .enum(['reload', 'in-place'])
    .describe(
      'what the page does with a login that was ended while it was off: reload as after a logout, or show the QR at once',
    ),
  unregistered: z.array(digits).describe('numbers that are not on WhatsApp'),
  resolveExtraDigits: z.boolean().describe('whether a query settles the extra digit of Brazil and Mexico'),
  lid: lidMode.describe('how LIDs occur, for every number'),
  lidByNumber: z.record(digits, lidMode).describe('the same for single numbers'),
  chatNeedsLid: z
    .boolean()
    .describe('finding or creating a chat throws «No LID for user» unless the page has learned the LID'),
  numberQueryDelayMs: ms.describe('answer time of a number query'),
  linkPreviewDelayMs: ms.describe('answer time of a link preview'),
  hangPage: z
    .enum(['no', 'wedged', 'frozen'])
    .describe(
      'wedged: no call of the page ever finishes, though it says CONNECTED; frozen: its main thread spins. Also for pages opened later',
    ),
  leakMbPerSecond: z.number().min(0).max(1024).describe('growth of every page, MB a second'),
  checksDownloadMimetype: z
    .array(digits)
    .describe('accounts that refuse to download media under a mimetype that does not fit its kind'),
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
  build: 'legacy',
  dedupe: true,
  serverAckDelayMs: 0,
  deliveredAckDelayMs: 30,
  readAckDelayMs: 50,
  noAck: false,
  readReceipts: true,
  syncDelayMs: 600,
  pageLoadDelayMs: 0,
  qrRotateMs: 20_000,
  qrCodesUntilIdle: 6,
  reconnectDelayMs: 500,
  refusePages: false,
  staleLogin: 'reload',
  unregistered: [],
  resolveExtraDigits: true,
  lid: 'known',
  lidByNumber: {},
  chatNeedsLid: false,
  numberQueryDelayMs: 0,
  linkPreviewDelayMs: 0,
  hangPage: 'no',
  leakMbPerSecond: 0,
  checksDownloadMimetype: [],
  autoReply: null,
}
