import type { Channel } from './channel-collection.ts'
import { WAWebCollections } from './modules/wa-web-collections.ts'
import { WAWebMsgKey } from './modules/wa-web-msg-key.ts'
import { WAWebUserPrefsMeUser } from './modules/wa-web-user-prefs-me-user.ts'
import { WAWebWidFactory } from './modules/wa-web-wid-factory.ts'
import { MsgModel } from './msg-model.ts'
import { wireLink } from './wire-link.ts'

/** Asks the server for what was written in a channel. @returns what was not in memory, the oldest first */
export async function loadPosts(channel: Channel, limit: number): Promise<MsgModel[]> {
  const { messages } = await wireLink.query('channel.posts', { id: channel.id.toString() })
  const me = WAWebUserPrefsMeUser.getMaybeMePnUser() ?? channel.id
  const posts = messages.map(({ id: part, from: writer, to: _, extras, pushName, ...fields }) => {
    const fromMe = writer === me.user
    const id = new WAWebMsgKey({ fromMe, remote: channel.id, id: part })
    const [from, to] = fromMe ? [me, channel.id] : [channel.id, WAWebWidFactory.createWid(me.toString())]
    return { ...extras, ...fields, id, from, to, notifyName: pushName }
  })
  const isNew = ({ id }: { id: WAWebMsgKey }) => channel.msgs.get(id) === undefined
  return posts
    .filter(isNew)
    .slice(-limit)
    .map((post) =>
      channel.msgs.add(WAWebCollections.Msg.get(post.id) ?? WAWebCollections.Msg.add(new MsgModel(post))),
    )
}
