import type { IContainer, IPodTemplateSpec } from 'kubernetes-models/v1'
import { converterConfigSchema } from '../../../converter/src/config.ts'
import { gatewayConfig } from '../../../gateway/src/config.ts'
import { workerConfigSchema } from '../../../worker/src/worker-config.ts'
import { type Manifest, nameOf, ofKind, type Workload, workloadsOf } from './manifests.ts'

/** What no schema can know: each function tells what is wrong between the manifests, or with us, and nothing else. */

/** Made by the operator and named in deploy/kubernetes/README.md, with the keys that are used. */
export const secrets: Readonly<Record<string, readonly string[]>> = {
  'gateway-token': ['token'],
  'redis-access': ['url', 'password', 'address'],
}

type Labels = Readonly<Record<string, string>>
interface Selecting extends Manifest {
  spec: { selector?: Labels; podSelector?: { matchLabels?: Labels } }
}
interface Scaling extends Manifest {
  spec: { scaleTargetRef: { name: string }; triggers?: { authenticationRef?: { name?: string } }[] }
}

/** Selectors that select no pod. */
export function selectorFaults(manifests: readonly Manifest[]): string[] {
  const workloads = workloadsOf(manifests)
  const selecting = [
    'Service',
    'PodDisruptionBudget',
    'NetworkPolicy',
    'PodMonitor',
    'Deployment',
    'DaemonSet',
  ]
  return selecting
    .flatMap((kind) => ofKind<Selecting>(manifests, kind))
    .filter(({ kind, metadata, spec }) => {
      const own = ['Deployment', 'DaemonSet'].includes(kind)
      const candidates = own ? workloads.filter(({ name }) => name === `${kind} ${metadata.name}`) : workloads
      const { matchLabels, ...labels } = (spec.podSelector ?? spec.selector ?? {}) as { matchLabels?: Labels }
      const wanted = Object.entries(matchLabels ?? labels)
      return (
        wanted.length === 0 ||
        !candidates.some((workload) => wanted.every(([key, value]) => workload.labels[key] === value))
      )
    })
    .map((manifest) => `${nameOf(manifest)} selects no pod`)
}

/** Names of other things that do not exist. */
export function referenceFaults(manifests: readonly Manifest[]): string[] {
  const exists = (kind: string, name: string | undefined) =>
    ofKind(manifests, kind).some(({ metadata }) => metadata.name === name)
  const scaling = ['HorizontalPodAutoscaler', 'ScaledObject'].flatMap((kind) =>
    ofKind<Scaling>(manifests, kind),
  )
  return [
    ...scaling
      .filter(({ spec }) => !exists('Deployment', spec.scaleTargetRef.name))
      .map((scaler) => `${nameOf(scaler)} scales nothing`),
    ...scaling
      .flatMap(({ spec }) => spec.triggers ?? [])
      .filter(({ authenticationRef }) => !exists('TriggerAuthentication', authenticationRef?.name))
      .map(() => 'a trigger has no authentication'),
    ...workloadsOf(manifests).flatMap((workload) => [
      ...volumeFaults(workload, exists),
      ...containersOf(workload)
        .flatMap(({ envFrom = [] }) => envFrom)
        .filter(({ configMapRef }) => !exists('ConfigMap', configMapRef?.name))
        .map(() => `${workload.name}: its variables come from nowhere`),
    ]),
  ]
}

function volumeFaults(
  { name, template }: Workload,
  exists: (kind: string, name: string | undefined) => boolean,
): string[] {
  const volumes = template.spec?.volumes ?? []
  const mounted = containersOf({ template }).flatMap(({ volumeMounts = [] }) =>
    volumeMounts.map((mount) => mount.name),
  )
  const sourceless = volumes.filter(
    ({ persistentVolumeClaim: claim, configMap, secret, emptyDir, hostPath }) => {
      if (claim) return !exists('PersistentVolumeClaim', claim.claimName)
      // Made by command from a file that kustomize may not read: see seccomp/kustomization.yaml.
      if (configMap) return configMap.name !== 'seccomp-chromium' && !exists('ConfigMap', configMap.name)
      if (secret) return !(secret.secretName && secret.secretName in secrets)
      return !emptyDir && !hostPath
    },
  )
  return [
    ...sourceless.map((volume) => `${name}: the source of volume ${volume.name} does not exist`),
    ...mounted
      .filter((mount) => !volumes.some((volume) => volume.name === mount))
      .map((mount) => `${name}: no volume ${mount}`),
    ...volumes
      .filter((volume) => !mounted.includes(volume.name))
      .map((volume) => `${name}: volume ${volume.name} is not mounted`),
  ]
}

type Peers = readonly {
  namespaceSelector?: { matchLabels?: Labels }
  podSelector?: { matchLabels?: Labels }
  ipBlock?: object
}[]
interface Policy extends Manifest {
  spec: {
    ingress?: { from?: Peers; ports?: { port: number }[] }[]
    egress?: { to?: Peers; ports?: { port: number }[] }[]
  }
}

/** Rules of network policies that let everybody in, or out to everywhere: without peers, or with one that selects all. */
export function policyFaults(manifests: readonly Manifest[]): string[] {
  return ofKind<Policy>(manifests, 'NetworkPolicy').flatMap((policy) => {
    const { ingress = [], egress = [] } = policy.spec
    const rules = [
      ...ingress.map(({ from, ports }) => ({ peers: from, ports })),
      ...egress.map(({ to, ports }) => ({ peers: to, ports })),
    ]
    return rules.flatMap(({ peers = [], ports = [] }) => {
      const isOfAll = ({ ipBlock, namespaceSelector, podSelector }: Peers[number]) =>
        ipBlock === undefined &&
        Object.keys(namespaceSelector?.matchLabels ?? {}).length === 0 &&
        (namespaceSelector !== undefined || Object.keys(podSelector?.matchLabels ?? {}).length === 0)
      const numbers = ports.map(({ port }) => port)
      // Where the cluster's names are answered differs from cluster to cluster.
      const isNames = peers.length > 0 && numbers.every((port) => port === 53)
      const isOpen = peers.length === 0 || (peers.some(isOfAll) && !isNames)
      return isOpen ? [`${nameOf(policy)} is open on ${numbers}`] : []
    })
  })
}

/** Variables that neither program reads, and secrets that stand in the open. */
export function variableFaults(manifests: readonly Manifest[]): string[] {
  const settings = ofKind<Manifest & { data?: Record<string, string> }>(manifests, 'ConfigMap')
    .filter(({ metadata }) => metadata.name.startsWith('settings'))
    .flatMap(({ data }) => Object.keys(data ?? {}))
  const known: Readonly<Record<string, readonly string[]>> = {
    'Deployment gateway': Object.keys(gatewayConfig.shape),
    'Deployment worker': Object.keys(workerConfigSchema.shape),
    'Deployment converter': Object.keys(converterConfigSchema.shape),
  }
  return workloadsOf(manifests).flatMap((workload) => {
    const containers = containersOf(workload)
    const variables = containers.flatMap(({ env = [] }) => env)
    const isSet = containers.some(({ envFrom }) => envFrom !== undefined)
    const names = [...variables.map(({ name }) => name), ...(isSet ? settings : [])]
    return [
      ...names
        .filter(
          (name) =>
            known[workload.name]?.includes(name.replace(/_FILE$/, '')) === false &&
            !known[workload.name]?.includes(name),
        )
        .map((name) => `${workload.name} does not read ${name}`),
      ...variables
        .filter(
          ({ name, value }) =>
            /TOKEN|PASSWORD|SECRET|_KEY|(?<!^CONVERTER_)URL/.test(name) &&
            !name.endsWith('_FILE') &&
            value !== undefined,
        )
        .map(({ name }) => `${workload.name}: ${name} stands in the open`),
    ]
  })
}

/** What 'restricted', and this product beyond it, ask of a pod that is not the installer on the nodes. */
export function securityFaults(manifests: readonly Manifest[]): string[] {
  return workloadsOf(manifests)
    .filter(({ name }) => name !== 'DaemonSet seccomp-installer')
    .flatMap((workload) => {
      const { spec } = workload.template
      const pod = spec?.securityContext
      const rules: [boolean, string][] = [
        [spec?.automountServiceAccountToken === false, 'gets a token of the cluster'],
        [
          pod?.runAsNonRoot === true && pod.runAsUser === 1000 && pod.fsGroup === 1000,
          'is not the user 1000',
        ],
        [!spec?.hostNetwork && !spec?.hostPID && !spec?.hostIPC, 'shares namespaces with its node'],
        [!(spec?.volumes ?? []).some(({ hostPath }) => hostPath), 'mounts a folder of its node'],
        ...containersOf(workload).flatMap((container): [boolean, string][] => {
          const own = container.securityContext
          const seccomp = own?.seccompProfile ?? pod?.seccompProfile
          return [
            [own?.allowPrivilegeEscalation === false, 'may escalate privileges'],
            [own?.readOnlyRootFilesystem === true, 'may write to its image'],
            [
              own?.capabilities?.drop?.includes('ALL') === true && !own.capabilities.add,
              'keeps capabilities',
            ],
            [
              seccomp?.type === 'RuntimeDefault' ||
                (seccomp?.type === 'Localhost' && Boolean(seccomp.localhostProfile)),
              'has no seccomp profile',
            ],
            [container.resources?.limits?.memory !== undefined, 'has no memory limit'],
          ]
        }),
      ]
      return rules.filter(([holds]) => !holds).map(([, fault]) => `${workload.name} ${fault}`)
    })
}

export function containersOf({ template }: { template: IPodTemplateSpec }): IContainer[] {
  return template.spec?.containers ?? []
}
