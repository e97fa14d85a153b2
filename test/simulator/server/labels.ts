import type { LabelAction, WireLabel } from '../wire.ts'
import { JsonFile } from './json-file.ts'

/** The labels of business accounts, and the chats that bear them. Kept in the data folder. */
export class Labels {
  readonly #file: JsonFile<Record<string, WireLabel[]>>
  readonly #byAccount: Map<string, WireLabel[]>

  constructor(path: string) {
    this.#file = new JsonFile(path)
    this.#byAccount = new Map(Object.entries(this.#file.read() ?? {}))
  }

  of(account: string): WireLabel[] {
    return this.#byAccount.get(account) ?? []
  }

  /** Makes a label, or changes the one of this name. What is not given stays, or is empty. */
  put(account: string, name: string, given: Partial<Pick<WireLabel, 'colorIndex' | 'chats'>>): WireLabel {
    const labels = this.of(account)
    const known = labels.find((label) => label.name === name)
    const id = String(labels.length + 1)
    const label = { id, name, colorIndex: labels.length, chats: [], ...known, ...given }
    this.#set(account, known ? labels.map((one) => (one === known ? label : one)) : [...labels, label])
    return label
  }

  act(account: string, actions: LabelAction[], chats: string[]): void {
    const changed = this.of(account).map((label) => {
      const action = actions.find(({ id }) => id === label.id)
      if (!action) return label
      const others = label.chats.filter((chat) => !chats.includes(chat))
      return { ...label, chats: action.type === 'add' ? [...others, ...chats] : others }
    })
    this.#set(account, changed)
  }

  clear(): void {
    this.#byAccount.clear()
    this.#file.write({})
  }

  #set(account: string, labels: WireLabel[]): void {
    this.#byAccount.set(account, labels)
    this.#file.write(Object.fromEntries(this.#byAccount))
  }
}
