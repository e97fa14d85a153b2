/** WhatsApp's types of what stands among the messages of a chat and was written by nobody: notices, and what changes another message. */
export const notWritten: readonly string[] = [
  ...['e2e_notification', 'notification', 'notification_template', 'broadcast_notification', 'gp2'],
  ...['newsletter_notification', 'protocol', 'revoked', 'ciphertext', 'call_log', 'debug'],
  ...['reaction', 'reaction_enc', 'poll_update', 'pinned_message', 'keep_in_chat', 'event_response'],
]
