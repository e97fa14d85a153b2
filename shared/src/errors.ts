/**
 * Every error a caller can get: its HTTP status, its title, whether the same request may succeed later, and the
 * sentence that the usage guide or API promises. The documentation of errors is made from this table.
 */
export const errorCatalogue = {
  unauthorized: entry(
    401,
    'Unauthorized',
    false,
    'Missing or wrong token. Send it as Authorization: Bearer TOKEN.',
  ),
  forbidden: entry(403, 'Forbidden', false, 'This token may not do that.'),
  too_many_wrong_tokens: entry(
    429,
    'Too many wrong tokens',
    true,
    'Too many wrong tokens came from this address.',
  ),
  rate_limited: entry(429, 'Rate limited', true, 'This token makes too many requests.'),
  token_not_found: entry(404, 'Token not found', false, 'No issued token has that id.'),
  too_many_tokens: entry(409, 'Too many tokens', false, 'There are 1,000 tokens. Revoke some of them first.'),
  session_forbidden: entry(403, 'Session forbidden', false, 'This token may not touch that session.'),
  missing_session_id: entry(400, 'Missing session ID', false, 'Missing X-Session-Id header'),
  invalid_session_id: entry(
    400,
    'Invalid session ID',
    false,
    'Invalid session ID. Use 1 to 50 letters, digits, hyphens and underscores.',
  ),
  invalid_request: entry(400, 'Invalid request', false, 'The request is not valid.'),
  not_found: entry(404, 'Not found', false, 'There is nothing at this address.'),
  method_not_allowed: entry(405, 'Method not allowed', false, 'This address does not take that method.'),
  request_timeout: entry(408, 'Request timeout', true, 'The request did not come in time.'),
  headers_too_large: entry(431, 'Header too large', false, 'The header of the request is too large.'),
  payload_too_large: entry(413, 'Payload too large', false, 'The request body is too large.'),
  unsupported_media_type: entry(415, 'Unsupported media type', false, 'Send the body as application/json.'),
  session_not_found: entry(
    404,
    'Session not found',
    false,
    'Session does not exist. Request QR code to create.',
  ),
  session_not_ready: entry(
    409,
    'Session not ready',
    true,
    'Session not ready. Please check QR code endpoint.',
  ),
  session_deleting: entry(
    409,
    'Session is being deleted',
    true,
    'The session is being deleted. Try again when it is gone.',
  ),
  session_logging_out: entry(
    409,
    'Session is being logged out',
    true,
    'The session is being logged out. Try again when that is over.',
  ),
  logout_not_confirmed: entry(
    504,
    'Logout not confirmed',
    true,
    'WhatsApp did not confirm the logout, so the phone may still list this device. The login is kept, and the session does not run. Ask again, or remove the device on the phone.',
  ),
  already_paired: entry(409, 'Already paired', false, 'The session is already logged in.'),
  too_many_unpaired: entry(
    429,
    'Too many unpaired sessions',
    true,
    'Too many sessions wait for their QR scan.',
  ),
  queue_full: entry(429, 'Queue full', true, 'Too many messages of this session wait to be sent.'),
  batch_not_found: entry(404, 'Batch not found', false, 'There is no such batch in this session.'),
  batch_canceled: entry(
    409,
    'Batch canceled',
    false,
    'The batch was canceled; nothing more of it is accepted.',
  ),
  daily_cap_reached: entry(
    429,
    'Daily cap reached',
    true,
    'The messages of this session that wait or were sent today reach its daily cap. It takes more on the next day (UTC).',
  ),
  message_not_found: entry(404, 'Message not found', false, 'There is no such message in this session.'),
  message_not_sent: entry(
    409,
    'Message not sent',
    true,
    'WhatsApp does not have this message, so nothing can be done with it.',
  ),
  message_not_own: entry(
    409,
    'Not an own message',
    false,
    'Somebody else wrote this message; this can be done only with what the account wrote.',
  ),
  message_too_old: entry(
    409,
    'Message too old',
    false,
    'WhatsApp does not let this be done so late any more.',
  ),
  message_not_editable: entry(
    409,
    'Message not editable',
    false,
    'Only a text, or the caption of a file, can be edited.',
  ),
  message_revoked: entry(409, 'Message deleted', false, 'The message was deleted for everyone.'),
  message_not_allowed: entry(
    409,
    'Not with this message',
    false,
    'WhatsApp does not let this be done with a message of this kind.',
  ),
  not_a_poll: entry(409, 'Not a poll', false, 'This message is no poll.'),
  poll_options_invalid: entry(422, 'Poll options invalid', false, 'The poll cannot be answered like that.'),
  webhook_not_found: entry(404, 'Webhook not found', false, 'There is no webhook of that name here.'),
  delivery_not_found: entry(
    404,
    'Delivery not found',
    false,
    'There is no such delivery, or it is not listed any more.',
  ),
  media_not_fetched: entry(
    422,
    'Media not fetched',
    false,
    'The file could not be fetched from its address.',
  ),
  media_not_converted: entry(
    422,
    'Media not converted',
    false,
    'WhatsApp does not take such a file, and it could not be converted. Convert it before you send it.',
  ),
  converter_unavailable: entry(
    503,
    'Converter unavailable',
    true,
    'The file has to be converted first, and the converter cannot be reached or has too much to do. Nothing was accepted.',
  ),
  media_not_found: entry(
    404,
    'Media not found',
    false,
    'There is no such file: it was never uploaded, or it is not kept any more. Upload it again.',
  ),
  media_gone: entry(
    410,
    'Media gone',
    false,
    'WhatsApp does not have the file of this message any more, and the phone did not give it again.',
  ),
  media_store_full: entry(
    507,
    'Media store full',
    true,
    'The store of files is full. It has room again when files are deleted that nobody needs any more; its operator sets MEDIA_QUOTA_MB and MEDIA_RETENTION_HOURS.',
  ),
  message_without_media: entry(409, 'Message without media', false, 'This message has no file.'),
  chat_not_found: entry(404, 'Chat not found', false, 'There is no such chat in this session.'),
  contact_not_found: entry(
    404,
    'Contact not found',
    false,
    'WhatsApp Web knows nobody of this number or hidden identity.',
  ),
  call_not_found: entry(404, 'Call not found', false, 'No call of this id rings at the account now.'),
  label_not_found: entry(404, 'Label not found', false, 'The account has no such label.'),
  not_group_admin: entry(
    403,
    'Not an admin of the group',
    false,
    'Only admins of the group may do this, and the account is none of them.',
  ),
  invite_not_valid: entry(
    404,
    'Invite not valid',
    false,
    'No group has this invite code: it was revoked, or is misspelled.',
  ),
  whatsapp_refused: entry(
    422,
    'Refused by WhatsApp',
    false,
    'WhatsApp refused to do this. Its own number for the reason is in the detail.',
  ),
  too_many_pinned: entry(
    409,
    'Too many pinned',
    false,
    'WhatsApp pins three chats. Unpin one of them first.',
  ),
  too_many_number_checks: entry(
    429,
    'Too many number checks',
    true,
    'WhatsApp was asked for many numbers a moment ago, and bans accounts that ask for too many. Check fewer at a time.',
  ),
  too_many_reads: entry(
    429,
    'Too many reads',
    true,
    'More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.',
  ),
  idempotency_key_reused: entry(
    422,
    'Idempotency key reused',
    false,
    'This Idempotency-Key was used with another body.',
  ),
  recipient_not_on_whatsapp: entry(
    422,
    'Recipient not on WhatsApp',
    false,
    'The recipient is not on WhatsApp.',
  ),
  recipient_blocked: entry(
    422,
    'Recipient blocked',
    false,
    'The account has blocked this recipient. Unblock them to send to them.',
  ),
  not_in_group: entry(
    403,
    'Not in group',
    false,
    'The account is not in this group: it left, was removed, or never was in it.',
  ),
  group_admins_only: entry(
    403,
    'Group for admins only',
    false,
    'Only admins write in this group, and the account is none of them.',
  ),
  not_channel_admin: entry(
    403,
    'Not an admin of the channel',
    false,
    'Only its admins write in a channel, and the account is none of them.',
  ),
  contact_not_on_whatsapp: entry(
    422,
    'Contact not on WhatsApp',
    false,
    'A person whose contact is to be sent by `id` is not on WhatsApp. Send the name and the phone.',
  ),
  mention_not_on_whatsapp: entry(
    422,
    'Mention not on WhatsApp',
    false,
    'A person whom the text mentions is not on WhatsApp.',
  ),
  account_changed: entry(
    409,
    'Account changed',
    false,
    'Another number was paired with this session after the message was accepted.',
  ),
  message_expired: entry(410, 'Message expired', false, 'The message expired before it could be sent.'),
  message_canceled: entry(409, 'Message canceled', false, 'The message was canceled before it was sent.'),
  already_sent: entry(
    409,
    'Already sent',
    false,
    'The message was handed to WhatsApp already; it cannot be canceled any more.',
  ),
  outcome_unknown: entry(
    502,
    'Outcome unknown',
    false,
    'It is not known whether the message was sent: its worker died while handing it to WhatsApp, or WhatsApp Web gave it up. It is not sent again; a receipt corrects this.',
  ),
  send_failed: entry(502, 'Send failed', false, 'WhatsApp did not take the message.'),
  quoted_message_not_found: entry(
    422,
    'Quoted message not found',
    false,
    'The message that replyTo names was not found.',
  ),
  worker_failed: entry(502, 'Worker failed', true, 'The worker could not carry out the request.'),
  worker_timeout: entry(504, 'Worker timeout', true, 'The worker of this session did not answer in time.'),
  not_confirmed: entry(
    504,
    'Not confirmed',
    false,
    'It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again.',
  ),
  not_supported: entry(501, 'Not supported', false, 'WhatsApp Web cannot do this.'),
  not_available_in_this_page: entry(
    501,
    'Not available in this page',
    false,
    'WhatsApp Web, as it is today, lacks what this needs.',
  ),
  redis_unavailable: entry(
    503,
    'Redis unavailable',
    true,
    'The service cannot reach Redis at the moment. Nothing was accepted.',
  ),
  redis_full: entry(503, 'Redis full', true, 'The message store is full. Nothing was accepted.'),
  redis_may_evict: entry(
    503,
    'Redis may evict',
    true,
    'Redis may drop messages before they are sent. Nothing was accepted. Its operator has to set maxmemory-policy to noeviction.',
  ),
  internal_error: entry(
    500,
    'Internal error',
    true,
    'Something went wrong. Nothing more is known to the caller; see the log by requestId.',
  ),
} as const

interface ErrorEntry {
  status: number
  title: string
  /** True where the same request may succeed later. */
  retryable: boolean
  sentence: string
}

export type ErrorCode = keyof typeof errorCatalogue

export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(errorCatalogue, value)
}

/** The guide's exact words for a send to a session that is not ready. @param next what to do, where it is something else */
export function notReadySentence(
  sessionId: string,
  status: string,
  next = 'Please check QR code endpoint.',
): string {
  return `Session '${sessionId}' not ready. Status: ${status}. ${next}`
}

function entry(status: number, title: string, retryable: boolean, sentence: string): ErrorEntry {
  return { status, title, retryable, sentence }
}
