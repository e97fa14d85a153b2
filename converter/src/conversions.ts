import { access, rename } from 'node:fs/promises'
import type { ConvertedKind } from '@wsg/shared/messages/kinds/message-kinds.ts'
import type { Sound } from '@wsg/shared/messages/media.ts'
import { NotConverted, type ProgramLimits, runProgram } from './run-program.ts'
import { SAMPLE_RATE, Waveform } from './waveform.ts'

interface Conversion {
  input: string
  /** What the input is by its bytes. */
  mimetype: string
  output: string
  limits: ProgramLimits
}

/** By what a file is converted for each kind of message. @throws NotConverted */
export const conversions: {
  [Kind in ConvertedKind]: (conversion: Conversion) => Promise<Sound | undefined>
} = {
  image: toJpeg,
  video: toMp4,
  voice: toOpus,
}

/** ffmpeg is told what it reads: one that it guessed could name other files, as a playlist does. */
const demuxers: Readonly<Record<string, string>> = {
  'audio/aac': 'aac',
  'audio/aiff': 'aiff',
  'audio/amr': 'amr',
  'audio/flac': 'flac',
  'audio/mp4': 'mov',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
  'audio/wav': 'wav',
  'audio/x-caf': 'caf',
  'audio/x-m4a': 'mov',
  'audio/x-ms-asf': 'asf',
  'image/bmp': 'bmp_pipe',
  'image/gif': 'gif',
  'image/tiff': 'tiff_pipe',
  'video/3gpp': 'mov',
  'video/3gpp2': 'mov',
  'video/MP2P': 'mpeg',
  'video/matroska': 'matroska',
  'video/mp2t': 'mpegts',
  'video/mp4': 'mov',
  'video/ogg': 'ogg',
  'video/quicktime': 'mov',
  'video/vnd.avi': 'avi',
  'video/webm': 'matroska',
  'video/x-flv': 'flv',
  'video/x-ms-asf': 'asf',
}
/** A picture of more is none that anybody took. */
const MAX_PIXELS = 120_000_000
/** As many as a conversion has processors for. */
const THREADS = ['-threads', '2']
/** What WhatsApp itself calls HD. */
const LONGER_SIDE = 1_280

/** What ffmpeg and ffprobe are told of their input. They read that file and nothing else. */
function inputOf({ mimetype, input }: Conversion): string[] {
  const demuxer = demuxers[mimetype]
  if (demuxer === undefined) throw new NotConverted(`${mimetype} cannot be read`)
  const bounds = ['-protocol_whitelist', 'file', '-max_pixels', String(MAX_PIXELS)]
  return ['-v', 'error', ...bounds, '-f', demuxer, '-i', input]
}

async function ffmpeg(conversion: Conversion, args: string[], take?: (bytes: Buffer) => void): Promise<void> {
  const all = ['-nostdin', '-y', ...THREADS, ...inputOf(conversion), '-map_metadata', '-1', ...args]
  await runProgram('ffmpeg', all, conversion.limits, take)
}

/** One channel of Opus. Its length and loudness are measured on the way. */
async function toOpus(conversion: Conversion): Promise<Sound> {
  const measured = new Waveform()
  const opus = ['-c:a', 'libopus', '-b:a', '32k', '-ac', '1', '-ar', '48000', '-f', 'ogg', conversion.output]
  const samples = ['-ac', '1', '-ar', String(SAMPLE_RATE), '-f', 's16le', 'pipe:1']
  await ffmpeg(conversion, ['-map', '0:a:0', ...opus, '-map', '0:a:0', ...samples], (bytes) =>
    measured.add(bytes),
  )
  const sound = measured.end()
  if (sound.seconds === 0) throw new NotConverted('there is no sound in it')
  return sound
}

/** H.264 and AAC, which every phone plays. What is such already is taken over as it is. */
async function toMp4(conversion: Conversion): Promise<undefined> {
  const streams = await streamsOf(conversion)
  const picture = streams.find((one) => one.codec_type === 'video' && one.disposition?.attached_pic !== 1)
  const sound = streams.find((one) => one.codec_type === 'audio')
  if (picture === undefined) throw new NotConverted('there is no picture in it')
  const keepsPicture = picture.codec_name === 'h264' && picture.pix_fmt === 'yuv420p'
  const size = `scale='min(${LONGER_SIDE},iw)':'min(${LONGER_SIDE},ih)':force_original_aspect_ratio=decrease:force_divisible_by=2`
  const video = keepsPicture
    ? ['-c:v', 'copy']
    : ['-c:v', 'libx264', '-preset', 'veryfast', ...THREADS, '-pix_fmt', 'yuv420p', '-vf', size]
  const audio = sound?.codec_name === 'aac' ? ['-c:a', 'copy'] : ['-c:a', 'aac', '-b:a', '128k', '-ac', '2']
  const maps = ['-map', '0:V:0', '-map', '0:a:0?', ...video, ...audio]
  await ffmpeg(conversion, [...maps, '-movflags', '+faststart', '-f', 'mp4', conversion.output])
}

interface Stream {
  codec_type?: string
  codec_name?: string
  pix_fmt?: string
  disposition?: { attached_pic?: number }
}

async function streamsOf(conversion: Conversion): Promise<Stream[]> {
  const printed: Buffer[] = []
  const args = [...inputOf(conversion), '-show_streams', '-of', 'json']
  await runProgram('ffprobe', args, conversion.limits, (bytes) => printed.push(bytes))
  const { streams } = JSON.parse(String(Buffer.concat(printed))) as { streams?: Stream[] }
  return streams ?? []
}

/** ffmpeg cannot put together what an iPhone cuts into tiles; libheif can. */
async function toJpeg(conversion: Conversion): Promise<undefined> {
  const { mimetype, input, output, limits } = conversion
  if (!/^image\/(heic|heif|avif)$/.test(mimetype)) {
    const still = ['-frames:v', '1', '-q:v', '2', '-pix_fmt', 'yuvj420p', '-f', 'mjpeg', output]
    await ffmpeg(conversion, ['-map', '0:v:0', ...still])
    return
  }
  const written = `${output}.jpg`
  await runProgram('heif-convert', ['-q', '90', input, written], limits)
  // Of several pictures each has its number; the first is sent.
  const isOne = await access(written).then(
    () => true,
    () => false,
  )
  await rename(isOne ? written : `${output}-1.jpg`, output)
}
