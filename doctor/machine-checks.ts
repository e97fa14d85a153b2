import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { open, rm, statfs, writeFile } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { lockOpenFile } from '@wsg/worker/src/host/worker-lock.ts'
import { cgroupLimitMb } from '@wsg/worker/src/memory/cgroup-memory.ts'
import { ProfileFolder } from '@wsg/worker/src/session/profile-folder.ts'
import { findChromium } from '@wsg/worker/src/whatsapp/browser/find-chromium.ts'
import { isolationOf } from '@wsg/worker/src/whatsapp/browser/isolation.ts'
import { missingForConverter } from '../local/converter-process.ts'
import { type Check, type Finding, ok, oneLine } from './check.ts'

const MB = 1_048_576
/** What the usage guide says one session takes. */
const SESSION_MB = 512
const LOW_DISK_MB = 1_024
const ANSWERS_WITHIN_MS = 10_000
/** A web server's time has no parts of a second, and came over a network. */
const CLOCK_OFF_MS = 30_000

export const machineChecks: readonly Check[] = [
  {
    name: 'chromium',
    run: async ({ config: { chromium } }) => {
      try {
        const { path } = findChromium(chromium.executablePath)
        const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: ANSWERS_WITHIN_MS })
        return ok(`${stdout.trim() || 'Chromium'} at ${path}`)
      } catch (error) {
        return {
          state: 'failed',
          found: 'no Chromium can be run',
          // A program that ends says why on standard error.
          cause: oneLine((error as { stderr?: string }).stderr || error),
          cure: 'Install one (`apt-get install chromium-headless-shell`, or `npx puppeteer browsers install chrome`), or name yours in PUPPETEER_EXECUTABLE_PATH.',
        }
      }
    },
  },
  {
    name: 'chromium sandbox',
    run: async ({ config: { chromium, dataDir } }) => {
      try {
        const executablePath = findChromium(chromium.executablePath).path
        const profiles = new ProfileFolder(dataDir).root
        const { user, noSandbox } = isolationOf(chromium.sandbox, { ...chromium, executablePath, profiles })
        if (noSandbox === null)
          return ok(`on${user === null ? '' : ', and Chromium runs as the user nobody'}`)
        return {
          state: 'warning',
          found: 'Chromium runs without its sandbox',
          cause: `${noSandbox[0]?.toUpperCase()}${noSandbox.slice(1)}.`,
          cure: 'Allow user namespaces (`sysctl kernel.unprivileged_userns_clone=1`), or run the container with a seccomp profile that does.',
        }
      } catch {
        return { state: 'unknown', found: 'not looked at, since there is no Chromium' }
      }
    },
  },
  {
    name: 'data folder',
    run: async ({ config: { dataDir } }) => {
      // It may have to be made first.
      const folder = nearestFolder(dataDir)
      const probe = join(folder, `.doctor-${randomBytes(4).toString('hex')}`)
      try {
        await writeFile(probe, 'written')
        await rm(probe)
      } catch (error) {
        return {
          state: 'failed',
          found: `nothing can be written to ${folder}`,
          cause: oneLine(error),
          cure: 'Give the user that runs the workers the right to write there, mount the volume writable, make room where it is full, or set DATA_DIR to another folder.',
        }
      }
      const { bavail, bsize } = await statfs(folder)
      return judgeDisk(dataDir, Math.round((bavail * bsize) / MB))
    },
  },
  { name: 'locks', run: ({ config: { dataDir } }) => lookAtLocks(dataDir) },
  {
    name: 'memory',
    run: async ({ config: { maxSessions } }) => {
      const limitMb = cgroupLimitMb()
      const hasMb = Math.min(limitMb ?? Number.POSITIVE_INFINITY, Math.round(totalmem() / MB))
      const place = limitMb === null || hasMb < limitMb ? 'this machine' : 'this container'
      const needsMb = maxSessions * SESSION_MB
      if (hasMb >= needsMb) return ok(`${place} has ${hasMb} MB, enough for ${maxSessions} sessions`)
      const cause =
        'The kernel kills what takes the most where memory runs out: a browser in the middle of its work.'
      if (hasMb < SESSION_MB)
        return {
          state: 'failed',
          found: `${place} has ${hasMb} MB, and one session takes up to ${SESSION_MB} MB`,
          cause,
          cure: `Give it ${SESSION_MB} MB at least, for each session.`,
        }
      return {
        state: 'warning',
        found: `${place} has ${hasMb} MB, and ${maxSessions} sessions take up to ${needsMb} MB`,
        cause,
        cure: `Give it more, or set MAX_SESSIONS to ${Math.floor(hasMb / SESSION_MB)}.`,
      }
    },
  },
  {
    name: 'conversion',
    run: async ({ config: { converterUrl, environment } }) => {
      const missing = missingForConverter(environment)
      if (converterUrl === null && missing.length === 0)
        return ok('npm start converts voice, videos and images that WhatsApp does not take')
      if (converterUrl === null)
        return {
          state: 'warning',
          found: 'files are not converted; voice, videos and images that WhatsApp does not take are refused',
          cause: `This machine has no ${missing.join(', ')}, and CONVERTER_URL names no converter.`,
          cure: 'Install them (`apt-get install ffmpeg libheif-examples util-linux`), or run the converter elsewhere and name it in CONVERTER_URL.',
        }
      try {
        const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS)
        const { status } = await fetch(new URL('/livez', converterUrl), { signal })
        if (status === 200) return ok(`the converter at ${converterUrl} answers`)
        throw new Error(`It answered with ${status}.`)
      } catch (error) {
        return {
          state: 'failed',
          found: `the converter at ${converterUrl} cannot be reached`,
          cause: oneLine((error as Error).cause ?? error),
          cure: 'Start it, mend CONVERTER_URL, or leave CONVERTER_URL out: such files are refused then, and all others sent.',
        }
      }
    },
  },
  {
    name: 'whatsapp',
    run: async ({ whatsappUrl }) => {
      try {
        const { status } = await askWhatsApp(whatsappUrl)
        if (status < 500) return ok(`${whatsappUrl} answers`)
        return unreachable(whatsappUrl, `It answered with ${status}.`)
      } catch (error) {
        const { cause } = error as { cause?: unknown }
        return unreachable(whatsappUrl, oneLine(cause ?? error))
      }
    },
  },
  {
    name: 'machine clock',
    run: async ({ whatsappUrl }) => {
      const answer = await askWhatsApp(whatsappUrl).catch(() => null)
      const theirs = Date.parse(answer?.headers.get('date') ?? '')
      if (Number.isNaN(theirs))
        return { state: 'unknown', found: 'not looked at, since WhatsApp does not tell its time' }
      const offMs = Date.now() - theirs
      if (Math.abs(offMs) <= CLOCK_OFF_MS) return ok("this machine has WhatsApp's time")
      return {
        state: 'warning',
        found: `this machine's clock is ${Math.round(Math.abs(offMs) / 1_000)} s ${offMs > 0 ? 'ahead of' : 'behind'} WhatsApp's`,
        cause: 'QR codes, certificates and signatures of webhooks hold for a while, by the clock.',
        cure: 'Let this machine take its time from NTP (`timedatectl set-ntp true`).',
      }
    },
  },
]

export function judgeDisk(dataDir: string, freeMb: number): Finding {
  if (freeMb >= LOW_DISK_MB) return ok(`${dataDir} is writable, ${freeMb} MB are free`)
  return {
    state: 'warning',
    found: `${freeMb} MB are free on the disk of ${dataDir}`,
    cause: 'A profile takes 100 MB and more, and a login whose profile cannot be written is lost.',
    cure: 'Make room, or give the volume more.',
  }
}

async function askWhatsApp(url: string): Promise<Response> {
  const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS)
  return await fetch(url, { method: 'HEAD', redirect: 'manual', signal })
}

/** The locks that keep two browsers from one profile have to keep those apart who open a file on this volume. */
async function lookAtLocks(dataDir: string): Promise<Finding> {
  const path = join(nearestFolder(dataDir), `.doctor-${randomBytes(4).toString('hex')}.lock`)
  const one = await open(path, 'w').catch(() => null)
  if (one === null) return { state: 'unknown', found: 'not looked at, since nothing can be written there' }
  try {
    await using other = await open(path, 'r')
    if (!(await lockOpenFile(one.fd))) throw new Error('The volume gives no locks.')
    if (await lockOpenFile(other.fd)) throw new Error('A lock that is held can be taken again.')
    return ok('the volume keeps locks apart')
  } catch (error) {
    return {
      state: 'failed',
      found: `locks do not work in ${dataDir}`,
      cause: oneLine(error),
      cure: 'Use a volume with flock: a local disk, or NFS 4 and later mounted without `nolock`.',
    }
  } finally {
    await one.close()
    await rm(path, { force: true })
  }
}

function unreachable(url: string, cause: string): Finding {
  return {
    state: 'failed',
    found: `WhatsApp Web cannot be reached at ${url}`,
    cause,
    cure: 'Let this machine out to web.whatsapp.com and *.whatsapp.net on port 443, and look at DNS and proxy.',
  }
}

/** The folder itself, or the one above it that there is. */
function nearestFolder(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearestFolder(dirname(path))
}
