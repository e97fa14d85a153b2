/** As many values as a voice message has. */
const STEPS = 64
/** Samples that are added up at once: 10 ms. */
const BLOCK = 80
/** Samples a second that `Waveform.add` wants. */
export const SAMPLE_RATE = 8_000

/** Measures sound as it comes: how long it is, and how loud from beginning to end. */
export class Waveform {
  readonly #blocks: number[] = []
  #left = Buffer.alloc(0)
  #samples = 0

  /** @param bytes signed 16-bit little-endian samples of one channel */
  add(bytes: Buffer): void {
    const all = Buffer.concat([this.#left, bytes])
    const blockBytes = BLOCK * 2
    let at = 0
    for (; at + blockBytes <= all.length; at += blockBytes) this.#addBlock(all.subarray(at, at + blockBytes))
    this.#left = all.subarray(at)
  }

  /** To be called once, when all has come. */
  end(): { seconds: number; waveform: number[] } {
    if (this.#left.length > 1) this.#addBlock(this.#left)
    const steps = Array.from({ length: STEPS }, (_, step) => this.#loudness(step))
    const loudest = Math.max(...steps)
    const waveform = steps.map((one) => (loudest === 0 ? 0 : Math.floor((100 * one) / loudest)))
    return { seconds: Math.round((this.#samples / SAMPLE_RATE) * 100) / 100, waveform }
  }

  #addBlock(bytes: Buffer): void {
    const samples = Math.floor(bytes.length / 2)
    let sum = 0
    for (let i = 0; i < samples; i++) sum += Math.abs(bytes.readInt16LE(i * 2))
    this.#blocks.push(sum / samples)
    this.#samples += samples
  }

  #loudness(step: number): number {
    const blocks = this.#blocks
    const from = Math.floor((step * blocks.length) / STEPS)
    const to = Math.max(from + 1, Math.floor(((step + 1) * blocks.length) / STEPS))
    const part = blocks.slice(from, to)
    return part.length === 0 ? 0 : part.reduce((sum, one) => sum + one, 0) / part.length
  }
}
