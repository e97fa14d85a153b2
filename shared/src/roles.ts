/** What a token may do, each with all before it: `viewer` reads, `sender` also sends and changes chats, `admin` also starts, pairs, stops and deletes sessions. */
export const roles = ['viewer', 'sender', 'admin'] as const
export type Role = (typeof roles)[number]
