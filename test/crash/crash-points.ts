import { readFileSync, rmSync } from 'node:fs'
import type { CrashPoint } from './armed-points.ts'

/**
 * Loaded by `--import` into every process of the product under test; acts in workers only. A point that is armed, by
 * its name in the file that `?armed=` of our own address names, kills the first worker that reaches it, and is armed no more.
 */
const file = new URL(import.meta.url).searchParams.get('armed')
if (file !== null && process.argv[1]?.endsWith('/worker/src/main.ts')) await wrap(file)

async function wrap(path: string): Promise<void> {
  const [{ AckTracker }, { MessageLog }, { PageClient }] = await Promise.all([
    import('@wsg/worker/src/outbox/ack-tracker.ts'),
    import('@wsg/worker/src/outbox/message-log.ts'),
    import('@wsg/worker/src/whatsapp/page-client.ts'),
  ])
  const { begin, move } = MessageLog.prototype
  const { send } = PageClient.prototype
  const { arrived } = AckTracker.prototype

  MessageLog.prototype.begin = async function (...given) {
    reached(path, 'before_intent')
    const intent = await begin.apply(this, given)
    if (intent === 'begun') reached(path, 'after_intent')
    return intent
  }
  PageClient.prototype.send = async function (...given) {
    const sent = await send.apply(this, given)
    reached(path, 'after_page_send')
    return sent
  }
  AckTracker.prototype.arrived = function (...given) {
    reached(path, 'after_ack')
    arrived.apply(this, given)
  }
  MessageLog.prototype.move = async function (...given) {
    const moved = await move.apply(this, given)
    if (moved && given[1] === 'sent') reached(path, 'after_record')
    return moved
  }
}

function reached(path: string, point: CrashPoint): void {
  if (armed(path) !== point) return
  rmSync(path)
  process.kill(process.pid, 'SIGKILL')
}

function armed(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
