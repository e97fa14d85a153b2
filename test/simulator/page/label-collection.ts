import type { LabelAction, WireLabel } from '../wire.ts'
import { Collection } from './collection.ts'
import { Model } from './model.ts'
import type { WAWebWid } from './modules/wa-web-wid.ts'
import { wireLink } from './wire-link.ts'

interface ItemAttributes {
  id: string
  labelId: string
  parentType: 'Chat'
  parentId: string
}

/** That a chat bears a label. */
class LabelItem extends Model<ItemAttributes> {
  declare id: string
  declare parentId: string
}

class Label extends Model<{ id: string; name: string; colorIndex: number }> {
  declare id: string
  declare colorIndex: number
  readonly labelItemCollection = new Collection<LabelItem>()

  /** A colour for each index, and not WhatsApp's own. */
  get hexColor(): string {
    return `#${((this.colorIndex * 0x3d7a5b + 0x4080c0) % 0x1000000).toString(16).padStart(6, '0')}`
  }

  bear(chats: string[]): void {
    this.labelItemCollection.reset()
    for (const chat of chats)
      this.labelItemCollection.add(
        new LabelItem({
          id: `${this.id}_Chat_${chat}`,
          labelId: this.id,
          parentType: 'Chat',
          parentId: chat,
        }),
      )
  }
}

/** The labels of a business account; of another one, none. */
class LabelCollection extends Collection<Label> {
  fill(labels: WireLabel[]): void {
    for (const { id, name, colorIndex, chats } of labels) {
      const label = this.get(id) ?? this.add(new Label({ id, name, colorIndex }))
      label.set({ name, colorIndex })
      label.bear(chats)
    }
  }

  /** The ids of the labels that a chat bears. */
  ofChat(id: WAWebWid): string[] {
    const bears = ({ labelItemCollection: items }: Label) =>
      items.getModelsArray().some(({ parentId }) => parentId === id.toString())
    return this.filter(bears).map((label) => label.id)
  }

  /** Each action is carried out on all of the chats. */
  async addOrRemoveLabels(actions: LabelAction[], chats: { id: WAWebWid }[]): Promise<void> {
    await wireLink.query('label.act', {
      actions: actions.map(({ id, type }) => ({ id: String(id), type })),
      chats: chats.map(({ id }) => id.toString()),
    })
  }
}

export const labels = new LabelCollection()
