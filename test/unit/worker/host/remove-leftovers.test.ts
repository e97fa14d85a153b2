import { existsSync } from 'node:fs'
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { HostFolder } from '@wsg/worker/src/host/host-folder.ts'
import { LEFT_AFTER_MS, removeLeftovers } from '@wsg/worker/src/host/remove-leftovers.ts'
import { WorkerLock } from '@wsg/worker/src/host/worker-lock.ts'
import { ProfileFolder } from '@wsg/worker/src/session/profile-folder.ts'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { HostGround } from '../../../support/host-ground.ts'

let ground: HostGround
let own: WorkerLock
beforeEach(async () => {
  ground = await HostGround.create()
  own = await WorkerLock.take(ground.folder.lockOf('own'))
})
afterEach(async () => {
  own.remove()
  await ground.close()
})

async function age(...paths: string[]): Promise<void> {
  const then = new Date(Date.now() - LEFT_AFTER_MS - 1_000)
  for (const path of paths) await utimes(path, then, then)
}

async function remove(known: string[] = []): Promise<string[]> {
  await removeLeftovers({
    folder: ground.folder,
    workerId: 'own',
    profiles: ground.profiles,
    knownAmong: async (workerIds) => new Set(workerIds.filter((id) => known.includes(id))),
  })
  return (await readdir(ground.folder.workers)).toSorted()
}

it('removes the files of idle workers that died long ago, and of nobody else', async () => {
  for (const name of ['dead', 'known', 'young']) await (await ground.worker(name, null)).kill()
  await (await ground.worker('owner', 'sales')).kill()
  await ground.worker('living', null)
  await age(...['dead', 'known', 'owner', 'living', 'own'].map((name) => ground.folder.lockOf(name)))
  expect(await remove(['known'])).toEqual([
    'known.lock',
    'living.lock',
    'own.lock',
    'owner.lock',
    'young.lock',
  ])
})

it('removes what another boot left once Redis has forgotten its workers, and its folder with the last', async () => {
  const other = new HostFolder(ground.profiles, 'other-boot')
  await other.create()
  for (const name of ['left', 'known']) await writeFile(other.lockOf(name), '{"sessionId":"sales"}')
  await age(other.lockOf('left'), other.lockOf('known'), other.workers)
  await remove(['known'])
  expect(await readdir(other.workers)).toEqual(['known.lock'])
  await age(other.lockOf('known'))
  await remove()
  await age(other.workers)
  await remove()
  expect(existsSync(other.workers)).toBe(false)
  expect(await readdir(HostFolder.rootIn(ground.profiles))).toEqual(['this-boot'])
})

it('is never taken for a profile', async () => {
  const profiles = new ProfileFolder(ground.profiles)
  await mkdir(HostFolder.rootIn(profiles.root), { recursive: true })
  expect(await profiles.sessions()).toEqual([])
})
