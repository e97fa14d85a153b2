import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { IPodTemplateSpec } from 'kubernetes-models/v1'
import { parse, parseAllDocuments } from 'yaml'

export const ROOT = join(import.meta.dirname, '../../..')
const KUBERNETES = join(ROOT, 'deploy/kubernetes')

export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; labels?: Record<string, string> }
  spec?: unknown
}

/** The parts of a kustomization that are used here; anything else in one is a fault. */
export interface Kustomization {
  apiVersion: string
  kind: string
  namespace?: string
  bases?: string[]
  resources?: string[]
  patchesStrategicMerge?: string[]
  configMapGenerator?: { name: string; literals?: string[]; files?: string[] }[]
  images?: { name: string; newName: string; newTag: string }[]
}

export interface Workload {
  name: string
  labels: Record<string, string>
  template: IPodTemplateSpec
}

/** Kubernetes reads YAML 1.1, where 0440 is octal and `off` a boolean. */
export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS() as Manifest)
}

export function nameOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata?.name}`
}

/** Every folder below deploy/kubernetes that kustomize can build. */
export function kustomizationFolders(): string[] {
  return readdirSync(KUBERNETES, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('/kustomization.yaml'))
    .map((path) => path.slice(0, -'/kustomization.yaml'.length))
    .sort()
}

export function filesIn(folder: string): string[] {
  return readdirSync(join(KUBERNETES, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
}

export function pathOf(folder: string): string {
  return join(KUBERNETES, folder)
}

export function readKustomization(folder: string): Kustomization {
  return parse(readFileSync(join(KUBERNETES, folder, 'kustomization.yaml'), 'utf8')) as Kustomization
}

/** What a folder's own files hold, as they are written: nothing is patched, and a generated name has no hash. */
export function readFolder(folder: string): Manifest[] {
  const { resources = [], configMapGenerator = [] } = readKustomization(folder)
  const written = resources.flatMap((file) =>
    parseManifests(readFileSync(join(KUBERNETES, folder, file), 'utf8')),
  )
  const generated = configMapGenerator.map(({ name, literals = [] }) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: Object.fromEntries(literals.map((literal) => literal.split(/=(.*)/s).slice(0, 2))),
  }))
  return [...written, ...generated]
}

export function ofKind<T = Manifest>(manifests: readonly Manifest[], kind: string): T[] {
  return manifests.filter((manifest) => manifest.kind === kind) as T[]
}

/** Everything that makes pods. */
export function workloadsOf(manifests: readonly Manifest[]): Workload[] {
  return manifests
    .filter(({ kind }) => ['Deployment', 'DaemonSet', 'Job'].includes(kind))
    .map((manifest) => {
      const { template } = manifest.spec as { template: IPodTemplateSpec }
      return { name: nameOf(manifest), labels: template.metadata?.labels ?? {}, template }
    })
}
