import type { WireOrder, WireProduct } from '../../wire.ts'
import { build } from '../build.ts'
import { passFaults } from '../faults.ts'
import { Model } from '../model.ts'
import { wireLink } from '../wire-link.ts'
import { WAWebConnModel } from './wa-web-conn-model.ts'
import type { WAWebWid } from './wa-web-wid.ts'

interface NoteAttributes {
  id: string
  chatJid: string
  type: string
  content: string
  createdAt: number
  modifiedAt: number
}

const notes = new Map<string, Model<NoteAttributes>>()

export const WAWebBizGatingUtils = {
  smbNotesV1Enabled: () => WAWebConnModel.Conn.platform.startsWith('smb'),
}

/** What a business noted about a customer, in the form of before July; that of the objects since then is not known. */
export const WAWebNoteAction = {
  async noteAddAction(type: string, chatJid: string, content: string): Promise<void> {
    await passFaults()
    const [known, modifiedAt] = [notes.get(chatJid), Math.floor(Date.now() / 1000)]
    if (known) return void known.set({ type, content, modifiedAt })
    const id = String(notes.size + 1)
    notes.set(chatJid, new Model({ id, chatJid, type, content, modifiedAt, createdAt: modifiedAt }))
  },
  retrieveOnlyNoteForChatJid: async (chatJid: string) => notes.get(chatJid),
}

const queryOrder = (orderId: string, token: string): Promise<WireOrder> =>
  wireLink.query('order.get', { orderId, token })

/** An order is read by the token that came with its message. */
export const WAWebBizOrderBridge = {
  queryOrder: build.has('ordersTakeOneObject')
    ? ({ orderId, token }: { orderId: string; token: string }) => queryOrder(orderId, token)
    : (_chat: WAWebWid, orderId: string, _width: number, _height: number, token: string) =>
        queryOrder(orderId, token),
}

export const WAWebBizProductCatalogBridge = {
  async queryProduct(_seller: WAWebWid, productId: string): Promise<{ data: WireProduct }> {
    return { data: await wireLink.query('product.get', { productId }) }
  },
}
