import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { referenceFaults, securityFaults, selectorFaults, variableFaults } from '../unit/deploy/faults.ts'
import {
  kustomizationFolders,
  type Manifest,
  parseManifests,
  pathOf,
  workloadsOf,
} from '../unit/deploy/manifests.ts'
import { schemaFaults } from '../unit/deploy/schemas.ts'

const run = promisify(execFile)
/** Debian's package kubernetes-client has kubectl, and in it a kustomize as old as the manifests have to allow for. */
const isThere = spawnSync('kubectl', ['version', '--client']).status === 0
const folders = kustomizationFolders()

describe.skipIf(!isThere)('the manifests, as kubectl builds them', () => {
  it.each(folders)('%s follows the published schemas', async (folder) => {
    const manifests = await build(folder)
    expect(manifests).not.toEqual([])
    expect(await schemaFaults(manifests)).toEqual([])
  })

  it.each(folders)('%s gives pods no privilege and no variable that they do not know', async (folder) => {
    const manifests = await build(folder)
    expect([...securityFaults(manifests), ...variableFaults(manifests)]).toEqual([])
  })

  it.each(folders)('%s lies in one namespace', async (folder) => {
    const namespaces = (await build(folder)).map(({ kind, metadata }) =>
      kind === 'Namespace' ? metadata.name : metadata.namespace,
    )
    expect(new Set(namespaces).size).toBe(1)
    expect(namespaces[0]).toMatch(/^whatsapp/)
  })

  it.each(folders.filter((folder) => folder.startsWith('overlays/')))(
    '%s selects and names what is there, and takes its images from a registry',
    async (folder) => {
      const manifests = await build(folder)
      expect([...selectorFaults(manifests), ...referenceFaults(manifests)]).toEqual([])
      const images = workloadsOf(manifests).flatMap(({ template }) => template.spec?.containers ?? [])
      expect(images.map(({ image }) => image)).toEqual(
        ['gateway', 'worker'].map((name) => `registry.example.com/whatsapp-session-${name}:0.1.0`),
      )
    },
  )

  it('without-sandbox turns the sandbox off, and asks for no profile that no node has', async () => {
    const worker = JSON.stringify((await build('without-sandbox')).find(isWorker))
    expect(worker).toContain('{"name":"CHROMIUM_SANDBOX","value":"off"}')
    expect(worker).not.toContain('Localhost')
    expect(JSON.stringify((await build('base')).find(isWorker))).toContain('Localhost')
  })
})

async function build(folder: string): Promise<Manifest[]> {
  const { stdout } = await run('kubectl', ['kustomize', pathOf(folder)])
  return parseManifests(stdout)
}

function isWorker({ kind, metadata }: Manifest): boolean {
  return kind === 'Deployment' && metadata.name === 'worker'
}
