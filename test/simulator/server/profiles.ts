import { createHash } from 'node:crypto'
import { JsonFile } from './json-file.ts'

interface Profile {
  about?: string
  /** A picture as a `data:` address. */
  picture?: string
}

interface Stored {
  /** By number, or by the id of a group. */
  profiles: Record<string, Profile>
  /** By account: names by number. */
  addressBooks: Record<string, Record<string, string>>
}

/** What people and groups show of themselves, and what accounts have noted of people. Kept in the data folder. */
export class Profiles {
  readonly #file: JsonFile<Stored>
  #stored: Stored

  constructor(path: string) {
    this.#file = new JsonFile(path)
    this.#stored = this.#file.read() ?? { profiles: {}, addressBooks: {} }
  }

  aboutOf(id: string): string {
    return this.#stored.profiles[id]?.about ?? 'Hey there! I am using WhatsApp.'
  }

  /** The address at which its picture would be. */
  pictureOf(id: string): string | undefined {
    const { picture } = this.#stored.profiles[id] ?? {}
    if (picture === undefined) return undefined
    return `https://pps.whatsapp.net/v/${createHash('sha256').update(picture).digest('hex').slice(0, 32)}.jpg`
  }

  /** @param changed an undefined picture takes it away */
  change(id: string, changed: { about: string } | { picture: string | undefined }): void {
    const { picture, ...rest } = { ...this.#stored.profiles[id], ...changed }
    this.#stored.profiles[id] = { ...rest, ...(picture !== undefined && { picture }) }
    this.#save()
  }

  addressBookOf(account: string): Record<string, string> {
    return this.#stored.addressBooks[account] ?? {}
  }

  note(account: string, number: string, name: string | undefined): void {
    const { [number]: _before, ...others } = this.addressBookOf(account)
    this.#stored.addressBooks[account] = name === undefined ? others : { ...others, [number]: name }
    this.#save()
  }

  clear(): void {
    this.#stored = { profiles: {}, addressBooks: {} }
    this.#save()
  }

  #save(): void {
    this.#file.write(this.#stored)
  }
}
