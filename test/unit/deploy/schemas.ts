import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Manifest, nameOf, ROOT } from './manifests.ts'

/** Where the library has the kinds of an API. A kind of any other API is a fault: it could not be checked. */
const models: Readonly<Record<string, { from: string; load: () => Promise<object> }>> = {
  v1: { from: 'kubernetes-models/v1', load: () => import('kubernetes-models/v1') },
  'apps/v1': { from: 'kubernetes-models/apps/v1', load: () => import('kubernetes-models/apps/v1') },
  'autoscaling/v2': {
    from: 'kubernetes-models/autoscaling/v2',
    load: () => import('kubernetes-models/autoscaling/v2'),
  },
  'batch/v1': { from: 'kubernetes-models/batch/v1', load: () => import('kubernetes-models/batch/v1') },
  'networking.k8s.io/v1': {
    from: 'kubernetes-models/networking.k8s.io/v1',
    load: () => import('kubernetes-models/networking.k8s.io/v1'),
  },
  'policy/v1': { from: 'kubernetes-models/policy/v1', load: () => import('kubernetes-models/policy/v1') },
  'keda.sh/v1alpha1': {
    from: '@kubernetes-models/keda/keda.sh/v1alpha1',
    load: () => import('@kubernetes-models/keda/keda.sh/v1alpha1'),
  },
  'monitoring.coreos.com/v1': {
    from: '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
    load: () => import('@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'),
  },
}

type Model = new (manifest: Manifest) => { validate(): void }

/** What the published schemas have against the manifests: unknown kinds, wrong types, what is missing or unknown. */
export async function schemaFaults(manifests: readonly Manifest[]): Promise<string[]> {
  const byType = await Promise.all(manifests.map(typeFaults))
  return [...byType.flat(), ...(await unknownFields(manifests.filter(isKnown)))]
}

function isKnown({ apiVersion }: Manifest): boolean {
  return apiVersion in models
}

async function typeFaults(manifest: Manifest): Promise<string[]> {
  const { apiVersion, kind } = manifest
  const kinds = (await models[apiVersion]?.load()) as Record<string, Model> | undefined
  const Kind = kinds?.[kind]
  if (Kind === undefined) return [`${nameOf(manifest)}: unknown kind ${apiVersion} ${kind}`]
  try {
    new Kind(manifest).validate()
    return []
  } catch (error) {
    return [`${nameOf(manifest)}: ${(error as Error).message}`]
  }
}

/** The schemas let unknown fields pass, as an API server prunes them. The library's types do not: a compiler finds them. */
async function unknownFields(manifests: readonly Manifest[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'manifests-'))
  try {
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    // One manifest per line, so that a line number tells which it is.
    const lines = manifests.map(
      (manifest, index) =>
        `export const m${index}: import('${models[manifest.apiVersion]?.from}').I${manifest.kind} = ${JSON.stringify(manifest)}`,
    )
    await writeFile(join(folder, 'manifests.ts'), lines.join('\n'))
    const output = await compile(folder)
    return [...output.matchAll(/^manifests\.ts\((\d+),\d+\): error TS\d+: (.*)$/gm)].map(
      ([, line, message]) => `${nameOf(manifests[Number(line) - 1] as Manifest)}: ${message}`,
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

function compile(folder: string): Promise<string> {
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--ignoreConfig']
  return new Promise((resolve, reject) => {
    const compiler = join(ROOT, 'node_modules/.bin/tsc')
    execFile(compiler, [...options, 'manifests.ts'], { cwd: folder }, (error, stdout, stderr) => {
      // It ends with 1 or 2 where it found something, and says so on stdout.
      if (error !== null && stdout === '') reject(new Error(`tsc: ${stderr || error.message}`))
      else resolve(stdout)
    })
  })
}
