/** Bytes that only the page's own code may look at: what a media message is made of. */
export class WAWebMediaOpaqueData {
  readonly #data: Blob
  #url: string | undefined

  private constructor(data: Blob) {
    this.#data = data
  }

  static async createFromData(data: Blob, mimetype: string): Promise<WAWebMediaOpaqueData> {
    const isFile = data instanceof File
    return new WAWebMediaOpaqueData(
      isFile ? new File([data], data.name, { type: mimetype }) : new Blob([data], { type: mimetype }),
    )
  }

  formData(): Blob {
    return this.#data
  }

  url(): string {
    this.#url ??= URL.createObjectURL(this.#data)
    return this.#url
  }

  /** Nobody keeps these bytes: the URL ends with the document. */
  autorelease(): void {}

  toJSON(): undefined {
    return undefined
  }
}
