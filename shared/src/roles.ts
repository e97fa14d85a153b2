/**
 * What a token may do, each with all before it: `viewer` reads, `sender` also sends and changes chats, `operator` also starts,
 * pairs, stops and restarts sessions, holds queues and delivers events again, `admin` also sets up, deletes, and issues tokens.
 */
export const roles = ['viewer', 'sender', 'operator', 'admin'] as const
export type Role = (typeof roles)[number]
