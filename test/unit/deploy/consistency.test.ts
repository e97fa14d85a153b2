import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { IContainer } from 'kubernetes-models/v1'
import { describe, expect, it } from 'vitest'
import { gatewayConfig } from '../../../gateway/src/config.ts'
import {
  containersOf,
  policyFaults,
  referenceFaults,
  secrets,
  securityFaults,
  selectorFaults,
  variableFaults,
} from './faults.ts'
import {
  kustomizationFolders,
  type Manifest,
  ofKind,
  pathOf,
  ROOT,
  readFolder,
  workloadsOf,
} from './manifests.ts'

const apart = ['seccomp', 'without-sandbox']
const overlays = kustomizationFolders().filter((folder) => folder.startsWith('overlays/'))
const shared = ['base', 'keda', 'monitoring', 'lock-check'].flatMap(readFolder)
const all = kustomizationFolders().flatMap(readFolder)

function containerOf(name: string): IContainer {
  const workload = workloadsOf(shared).find((candidate) => candidate.name === name)
  const [container] = workload ? containersOf(workload) : []
  if (!container) throw new Error(`no ${name}`)
  return container
}

describe.each(overlays)('%s', (overlay) => {
  const manifests = [...shared, ...readFolder(overlay)]

  it('selects pods that exist', () => expect(selectorFaults(manifests)).toEqual([]))
  it('refers to what exists', () => expect(referenceFaults(manifests)).toEqual([]))
})

describe('the pods', () => {
  it('know every variable that they are given, and none is a secret in the open', () => {
    expect(variableFaults(all)).toEqual([])
  })

  it('run as a common user without privileges, on a file system that they cannot write', () => {
    expect(securityFaults(all)).toEqual([])
  })

  it('have no Secret among them, and the README names each that must be made, with its keys', () => {
    expect(ofKind(all, 'Secret')).toEqual([])
    const readme = readFileSync(join(pathOf('.'), 'README.md'), 'utf8')
    for (const [name, fields] of Object.entries(secrets)) {
      expect(readme).toContain(name)
      for (const field of fields) expect(readme).toContain(`--from-literal=${field}=`)
    }
  })

  it('read no file of a secret that the secret does not have', () => {
    const used = ['Deployment gateway', 'Deployment worker'].flatMap((name) => {
      const mounts = containerOf(name).volumeMounts ?? []
      const { volumes } = workloadsOf(shared).find((workload) => workload.name === name)?.template.spec ?? {}
      return (containerOf(name).env ?? [])
        .filter((variable) => variable.name.endsWith('_FILE'))
        .map(({ value = '' }) => {
          const mount = mounts.find(({ mountPath }) => value.startsWith(`${mountPath}/`))
          const secret = volumes?.find((volume) => volume.name === mount?.name)?.secret?.secretName ?? ''
          return secrets[secret]?.includes(value.slice((mount?.mountPath.length ?? 0) + 1))
        })
    })
    expect(used).toEqual([true, true, true, true, true])
  })
})

describe('the network policies', () => {
  it('open no port to everybody, and no way to everywhere but the names and WhatsApp', () => {
    expect(policyFaults(all)).toEqual([])
    const [gateway] = ofKind<Manifest & { spec: { ingress: object[] } }>(shared, 'NetworkPolicy').filter(
      ({ metadata }) => metadata.name === 'gateway',
    )
    const open = { ...gateway, spec: { ...gateway?.spec, ingress: [{ ports: [{ port: 3000 }] }] } }
    expect(policyFaults([open as Manifest])).toEqual(['NetworkPolicy gateway is open on 3000'])
  })

  it('name labels that the README says how to set', () => {
    const readme = readFileSync(join(pathOf('.'), 'README.md'), 'utf8')
    const labels =
      read('deploy/kubernetes/base/network-policies.yaml').match(/whatsapp-session-gateway\/[\w-]+/g) ?? []
    expect(labels).toHaveLength(2)
    for (const label of labels) expect(readme).toContain(`${label}=true`)
  })
})

describe('the worker', () => {
  it('has 512Mi, no more and no less, and its memory file system lies within', () => {
    const { resources } = containerOf('Deployment worker')
    expect([resources?.limits?.memory, resources?.requests?.memory]).toEqual(['512Mi', '512Mi'])
    const { volumes } =
      workloadsOf(shared).find(({ name }) => name === 'Deployment worker')?.template.spec ?? {}
    const inMemory = volumes?.filter(({ emptyDir }) => emptyDir?.medium === 'Memory') ?? []
    expect(inMemory.map(({ emptyDir }) => emptyDir?.sizeLimit)).toEqual(['256Mi'])
  })

  it('mounts its profiles where it looks for them', () => {
    expect(containerOf('Deployment worker').volumeMounts).toContainEqual(
      expect.objectContaining({ name: 'profiles', mountPath: '/app/.wwebjs_auth' }),
    )
  })

  it('is given more time to end than it ever takes', () => {
    const [, closesWithin] = /closeWithGrace\(\{ delay: ([\d_]+)/.exec(read('worker/src/main.ts')) ?? []
    const limitMs = Number(closesWithin?.replaceAll('_', ''))
    expect(graceOf('Deployment worker')).toBeGreaterThan(limitMs / 1_000)
    expect(graceOf('Deployment worker')).toBeGreaterThanOrEqual(60)
    expect(graceOf('Deployment worker')).toBeLessThanOrEqual(90)
  })

  it('is alive by the file that its event loop renews, and by nothing else', () => {
    const image = read('Dockerfile.worker')
    expect(image).toContain('LIVENESS_FILE=')
    for (const probe of [
      containerOf('Deployment worker').livenessProbe,
      containerOf('Deployment worker').startupProbe,
    ]) {
      const command = probe?.exec?.command?.join(' ')
      expect(command).toContain('"$LIVENESS_FILE"')
      expect(command).not.toMatch(/redis|node/)
    }
    expect(containerOf('Deployment worker').readinessProbe).toBeUndefined()
  })

  it('is counted by the key that says how many sessions should run', () => {
    const [scaler] = ofKind<Manifest & { spec: { triggers: { metadata: Record<string, string> }[] } }>(
      shared,
      'ScaledObject',
    )
    expect(scaler?.spec.triggers.map(({ metadata }) => metadata)).toEqual([
      { listName: keys.desired, listLength: '1' },
    ])
  })
})

describe('the gateway', () => {
  it('is alive whatever Redis does, and gets requests only while it reaches Redis', () => {
    const { livenessProbe, startupProbe, readinessProbe } = containerOf('Deployment gateway')
    expect([livenessProbe, startupProbe, readinessProbe].map((probe) => probe?.httpGet?.path)).toEqual([
      '/livez',
      '/livez',
      '/readyz',
    ])
  })

  it('goes on answering until nobody sends it requests, and a send that waits gets its answer', () => {
    const [command, seconds] = containerOf('Deployment gateway').lifecycle?.preStop?.exec?.command ?? []
    expect(command).toBe('sleep')
    const waitsMs = gatewayConfig.shape.SEND_WAIT_MS.parse(undefined)
    expect(Number(seconds)).toBeGreaterThan(waitsMs / 1_000)
    const [, closesWithin] = /CLOSE_WITHIN_MS = ([\d_]+)/.exec(read('gateway/src/main.ts')) ?? []
    expect(graceOf('Deployment gateway')).toBeGreaterThan(
      Number(seconds) + Number(closesWithin?.replaceAll('_', '')) / 1_000,
    )
  })
})

it('an overlay stands on the base, and what stands apart is not in it by accident', () => {
  expect(kustomizationFolders()).toEqual(expect.arrayContaining([...apart, ...overlays, 'base']))
  expect(overlays).toEqual(['overlays/one-node', 'overlays/shared-volume'])
})

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

function graceOf(name: string): number {
  const workload = workloadsOf(shared).find((candidate) => candidate.name === name)
  return workload?.template.spec?.terminationGracePeriodSeconds ?? 0
}
