import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const TONE = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=3']
const MOVING = ['-f', 'lavfi', '-i', 'testsrc2=size=321x241:rate=10:duration=1']
const STILL = ['-f', 'lavfi', '-i', 'testsrc2=size=160x120', '-frames:v', '1']

/** How ffmpeg makes a small file of each type. */
const recipes = {
  'tone.wav': TONE,
  'tone.mp3': [...TONE, '-c:a', 'libmp3lame'],
  'cover.mp3': [...TONE, ...MOVING, '-map', '0', '-map', '1', '-c:v', 'png', '-frames:v', '1'],
  'tone.m4a': TONE,
  'tone.ogg': [...TONE, '-c:a', 'libvorbis'],
  'note.ogg': [...TONE, '-c:a', 'libopus'],
  'clip.webm': [
    ...MOVING,
    ...TONE,
    '-c:v',
    'libvpx',
    '-c:a',
    'libopus',
    '-deadline',
    'realtime',
    '-shortest',
  ],
  'clip.mov': [...MOVING, ...TONE, '-c:v', 'mjpeg', '-c:a', 'pcm_s16le', '-shortest'],
  'h264.mov': [...MOVING, '-vf', 'crop=320:240', '-c:v', 'libx264', '-pix_fmt', 'yuv420p'],
  'mute.webm': [...MOVING, '-c:v', 'libvpx', '-deadline', 'realtime'],
  'moving.gif': MOVING,
  'still.bmp': STILL,
  'still.tiff': STILL,
  'still.png': STILL,
} as const

export type SampleName = keyof typeof recipes | 'still.heic'

/** Makes a sound, a moving or a still picture. */
export function sampleFile(name: SampleName): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'sample-'))
  const make = (program: string, ...args: string[]) =>
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const path = join(folder, name)
  try {
    if (name === 'still.heic') {
      const png = join(folder, 'still.png')
      make('ffmpeg', '-v', 'error', ...recipes['still.png'], png)
      make('heif-enc', png, '-o', path)
    } else make('ffmpeg', '-v', 'error', ...recipes[name], path)
    return readFileSync(path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A WAV of silence, as long as it is to be. */
export function silence(seconds: number): Buffer {
  const rate = 8_000
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + seconds * rate * 2, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate * 2, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(seconds * rate * 2, 40)
  return Buffer.concat([header, Buffer.alloc(seconds * rate * 2)])
}

/** What ffprobe says of a file. */
export function probe(bytes: Buffer): {
  format: string
  seconds: number
  streams: Record<string, unknown>[]
} {
  const folder = mkdtempSync(join(tmpdir(), 'probe-'))
  try {
    const path = join(folder, 'file')
    execFileSync('sh', ['-c', 'cat > "$0"', path], { input: bytes })
    const args = ['-v', 'error', '-show_streams', '-show_format', '-of', 'json', path]
    const told = JSON.parse(execFileSync('ffprobe', args, { encoding: 'utf8' }))
    return {
      format: told.format.format_name,
      seconds: Number(told.format.duration),
      streams: told.streams,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
