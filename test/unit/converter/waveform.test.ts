import { SAMPLE_RATE, Waveform } from '@wsg/converter/src/waveform.ts'
import { expect, it } from 'vitest'

const samples = (seconds: number, loudness: (second: number) => number) => {
  const bytes = Buffer.alloc(seconds * SAMPLE_RATE * 2)
  for (let i = 0; i < seconds * SAMPLE_RATE; i++)
    bytes.writeInt16LE(Math.round(loudness(i / SAMPLE_RATE) * 32_767 * (i % 2 === 0 ? 1 : -1)), i * 2)
  return bytes
}

it('has 64 values from 0 to 100 for a sound of any length, however it comes in pieces', () => {
  const rising = samples(8, (second) => second / 8)
  for (const piece of [1, 7, 4_096, rising.length]) {
    const measured = new Waveform()
    for (let at = 0; at < rising.length; at += piece) measured.add(rising.subarray(at, at + piece))
    const { seconds, waveform } = measured.end()
    expect(seconds).toBe(8)
    expect(waveform).toHaveLength(64)
    expect(waveform.at(-1)).toBe(100)
    expect(waveform[0]).toBeLessThan(2)
    expect(waveform).toEqual(waveform.toSorted((a, b) => a - b))
  }
  const short = new Waveform()
  short.add(samples(1, () => 0.5).subarray(0, 500))
  expect(short.end()).toEqual({ seconds: 0.03, waveform: Array(64).fill(100) })
})

it('is nothing but zeros for silence, and for no sound at all', () => {
  const silent = new Waveform()
  silent.add(samples(1, () => 0))
  expect(silent.end()).toEqual({ seconds: 1, waveform: Array(64).fill(0) })
  expect(new Waveform().end()).toEqual({ seconds: 0, waveform: Array(64).fill(0) })
})
