import { WAWebWid } from './wa-web-wid.ts'

type WidLike = string | { _serialized: string } | { user: string; server: string }

function createWid(id: string | WAWebWid): WAWebWid {
  if (id instanceof WAWebWid) return id
  if (typeof id !== 'string') throw new Error('wid error: invalid wid')
  return new WAWebWid(id)
}

function createWidFromWidLike(like: WidLike): WAWebWid {
  if (typeof like === 'string') return createWid(like)
  return createWid('_serialized' in like ? like._serialized : `${like.user}@${like.server}`)
}

export const WAWebWidFactory = {
  createWid,
  createWidFromWidLike,
  createUserWidOrThrow: (user: string, server = 'c.us') => createWid(`${user}@${server}`),
  asUserWidOrThrow(wid: WAWebWid): WAWebWid {
    if (!wid.isUser()) throw new Error('wid error: not a user wid')
    return wid
  },
}
