import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  filesIn,
  kustomizationFolders,
  type Manifest,
  pathOf,
  readFolder,
  readKustomization,
} from './manifests.ts'
import { schemaFaults } from './schemas.ts'

const folders = kustomizationFolders()

describe('the Kubernetes manifests', () => {
  it('follow the published schemas, without a field that the API does not know', async () => {
    const manifests = folders.flatMap(readFolder)
    expect(manifests.length).toBeGreaterThan(20)
    expect(await schemaFaults(manifests)).toEqual([])
  })

  it.each(folders)('%s lists every file that lies in it, and nothing else', (folder) => {
    const { resources = [], patchesStrategicMerge = [], configMapGenerator = [] } = readKustomization(folder)
    const listed = [
      ...resources,
      ...patchesStrategicMerge,
      ...configMapGenerator.flatMap(({ files = [] }) => files),
    ]
    expect(['kustomization.yaml', ...listed].sort()).toEqual(filesIn(folder).sort())
  })

  it.each(folders)('%s is written so that kustomize 2.0 (kubectl 1.20) and 5 both build it', (folder) => {
    const known = [
      'apiVersion',
      'kind',
      'namespace',
      'bases',
      'resources',
      'patchesStrategicMerge',
      'configMapGenerator',
      'images',
    ]
    const kustomization = readKustomization(folder)
    expect(known).toEqual(expect.arrayContaining(Object.keys(kustomization)))
    // 2.0 takes folders as bases only, and no file from outside of the folder.
    for (const base of kustomization.bases ?? [])
      expect(filesIn(`${folder}/${base}`)).toContain('kustomization.yaml')
    for (const file of kustomization.resources ?? []) expect(file).not.toContain('/')
  })
})

describe('the check of the manifests', () => {
  const good: Manifest & { spec: object } = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'good' },
    spec: { ports: [{ port: 80 }] },
  }

  it('finds a wrong type, also where YAML makes one', async () => {
    const faults = await schemaFaults([good, { ...good, spec: { ports: [{ port: '80' }] } }])
    expect(faults[0]).toContain('data/spec/ports/0/port must be integer')
  })

  it('finds what is missing', async () => {
    const [fault] = await schemaFaults([{ ...good, spec: { ports: [{ name: 'http' }] } }])
    expect(fault).toContain('must have required property port')
  })

  it('finds a field that the API does not know, however deep', async () => {
    const faults = await schemaFaults([good, { ...good, spec: { ports: [{ port: 80, tragetPort: 3000 }] } }])
    expect(faults).toEqual([expect.stringContaining('tragetPort')])
  })

  it('refuses a kind that it cannot check', async () => {
    const faults = await schemaFaults([
      { ...good, kind: 'Servize' },
      { ...good, apiVersion: 'extensions/v1beta1', kind: 'Deployment' },
    ])
    expect(faults).toEqual(
      expect.arrayContaining([
        expect.stringContaining('unknown kind v1 Servize'),
        expect.stringContaining('unknown kind extensions/v1beta1 Deployment'),
      ]),
    )
  })

  it('finds a fault in every one of the manifests that is broken on purpose', async () => {
    const manifests = folders.flatMap(readFolder)
    const broken = manifests.map((manifest) => ({
      ...manifest,
      metadata: { ...manifest.metadata, lables: {} },
    }))
    expect(await schemaFaults(broken)).toHaveLength(manifests.length)
  })

  it('reads numbers as Kubernetes does', () => {
    const text = readFileSync(`${pathOf('base')}/gateway.yaml`, 'utf8')
    expect(text).toContain('defaultMode: 0440')
    expect(JSON.stringify(readFolder('base'))).toContain('"defaultMode":288')
  })
})
