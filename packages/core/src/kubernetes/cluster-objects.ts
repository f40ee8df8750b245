/**
 * Cluster objects: the objects of Kubernetes that serve one version of a model, and the Service in front of them. Each
 * version has a Deployment of its own, so that a new version starts beside the one that serves. The Service selects the
 * pods of one version; a switch changes its selector and nothing else.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { servingOf } from '../kinds/kinds.ts'
import {
  CLUSTER_LABELS,
  clusterReleaseId,
  modelLabels,
  releaseLabels,
  releaseObjectName,
  serviceObjectName,
  shortSum,
} from './cluster-names.ts'
import type { ClusterSettings, OtherServer } from './cluster-settings.ts'

/** An object as the API of Kubernetes takes it. Tests hold it against the published schemas. */
export type ClusterObject = {
  apiVersion: string
  kind: string
  metadata: { name: string; labels?: Record<string, string>; [name: string]: unknown }
  [name: string]: unknown
}

/** The facts beside the version from which its objects are made. */
export type ReleaseFacts = {
  /** The value of the label of this agent. */
  device: string
  settings: ClusterSettings
  /** The files of the pods' Secret, in base64. */
  secret: Readonly<Record<string, string>>
}

/** The ports of Skerry's runner, the same in each pod. */
export const POD_PORTS = { rest: 8_500, grpc: 8_501 } as const

/** The folders of a pod. */
export const POD_FOLDERS = { secret: '/run/skerry', data: '/var/lib/skerry' } as const

/** [deploy/Dockerfile] The user of the image. */
const USER = 10_001

/** All objects of one release, in the order in which they are applied. */
export function releaseObjects(item: DesiredItem, facts: ReleaseFacts): ClusterObject[] {
  const { settings, device } = facts
  const metadata = { name: releaseObjectName(item), labels: releaseLabels(device, item) }
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: { ...facts.secret } },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: deploymentSpec(item, facts) },
    ...(isAutoscaled(settings)
      ? [{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata, spec: scalerSpec(item, settings) }]
      : []),
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(device, item) } },
    },
  ]
}

/** Whether an autoscaler, and not the agent, chooses the number of pods. */
export const isAutoscaled = ({ minReplicas, maxReplicas }: ClusterSettings): boolean => maxReplicas > minReplicas

/** The Service of the model. Its requests go to the pods of this release. */
export function serviceObject(item: DesiredItem, { device, settings }: Omit<ReleaseFacts, 'secret'>): ClusterObject {
  const port = (name: string, number: number) => ({ name, port: number, targetPort: name, protocol: 'TCP' })
  const ports = settings.server
    ? [port('rest', POD_PORTS.rest)]
    : [port('rest', POD_PORTS.rest), port('grpc', POD_PORTS.grpc)]
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: serviceObjectName(item.name), labels: modelLabels(device, item.name) },
    spec: { type: 'ClusterIP', selector: selectorOf(device, item), ports },
  }
}

/** The labels that select the pods of the release. */
const selectorOf = (device: string, item: DesiredItem) => {
  const labels = releaseLabels(device, item)
  const { device: owner, model, release } = CLUSTER_LABELS
  return Object.fromEntries([owner, model, release].map((label) => [label, labels[label]]))
}

function deploymentSpec(item: DesiredItem, facts: ReleaseFacts) {
  const { settings, device, secret } = facts
  return {
    // An autoscaler owns the number of pods. The server sets 1 until the autoscaler decides.
    ...(!isAutoscaled(settings) && { replicas: settings.minReplicas }),
    revisionHistoryLimit: 1,
    progressDeadlineSeconds: settings.deadlineSeconds,
    selector: { matchLabels: selectorOf(device, item) },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    template: {
      // A pod reads the Secret when it starts, so that other content needs other pods.
      metadata: {
        labels: releaseLabels(device, item),
        annotations: { 'skerry/secret': shortSum(JSON.stringify(secret)) },
      },
      spec: podSpec(item, settings),
    },
  }
}

function podSpec(item: DesiredItem, settings: ClusterSettings) {
  const { server, nodeSelector, pullSecret } = settings
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // The runner answers its pending requests within two seconds.
    terminationGracePeriodSeconds: 30,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      fsGroup: USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...(settings.maxReplicas > 1 && { topologySpreadConstraints: [spreadOf(item)] }),
    ...(nodeSelector && { nodeSelector: { ...nodeSelector } }),
    ...(pullSecret !== undefined && { imagePullSecrets: [{ name: pullSecret }] }),
    ...(server && { initContainers: [filesContainer(item, settings, server)] }),
    containers: [server ? otherContainer(item, settings, server) : ownContainer(item, settings)],
    volumes: [
      { name: 'version', secret: { secretName: releaseObjectName(item), defaultMode: 0o440 } },
      { name: 'data', emptyDir: { sizeLimit: memoryOf(settings.diskMiB) } },
      // Also the home folder of the image.
      { name: 'tmp', emptyDir: {} },
    ],
  }
}

/** Pods of a release prefer different nodes. */
const spreadOf = (item: DesiredItem) => ({
  maxSkew: 1,
  topologyKey: 'kubernetes.io/hostname',
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: {
    matchLabels: { [CLUSTER_LABELS.release]: clusterReleaseId(item), [CLUSTER_LABELS.model]: item.name },
  },
})

const LOCKED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
}

const mount = (name: string, mountPath: string, readOnly: boolean) => ({ name, mountPath, readOnly })
const SECRET_MOUNT = mount('version', POD_FOLDERS.secret, true)

/** The runner that serves the version. It becomes ready only after its answers to the golden cases were right. */
function ownContainer(item: DesiredItem, settings: ClusterSettings) {
  const { rest, grpc } = POD_PORTS
  return {
    name: 'model',
    image: settings.image,
    args: [
      ...['--pod', POD_FOLDERS.secret, '--data', POD_FOLDERS.data],
      ...['--listen', `0.0.0.0:${rest}`, '--grpc', `0.0.0.0:${grpc}`],
    ],
    ports: [
      { name: 'rest', containerPort: rest, protocol: 'TCP' },
      { name: 'grpc', containerPort: grpc, protocol: 'TCP' },
    ],
    resources: resourcesOf(item, settings),
    readinessProbe: probe(`/v2/models/${item.name}/ready`, 'rest', { periodSeconds: 2, failureThreshold: 2 }),
    livenessProbe: probe('/v2/health/live', 'rest', { periodSeconds: 10, failureThreshold: 6 }),
    startupProbe: startupProbe('/v2/health/live', settings),
    securityContext: LOCKED,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [SECRET_MOUNT, mount('data', POD_FOLDERS.data, false), mount('tmp', '/tmp', false)],
  }
}

/** Another server, ready by its own word: it does not know golden cases. */
function otherContainer(item: DesiredItem, settings: ClusterSettings, server: OtherServer) {
  return {
    name: 'model',
    image: server.image,
    ...(server.command && { command: [...server.command] }),
    ...(server.args && { args: [...server.args] }),
    ports: [{ name: 'rest', containerPort: server.port, protocol: 'TCP' }],
    resources: resourcesOf(item, settings),
    readinessProbe: probe(readyPathOf(item, server), 'rest', { periodSeconds: 2, failureThreshold: 2 }),
    startupProbe: startupProbe(readyPathOf(item, server), settings),
    securityContext: { ...LOCKED, readOnlyRootFilesystem: false },
    volumeMounts: [mount('data', server.modelFolder, false)],
  }
}

const readyPathOf = ({ name }: DesiredItem, { readyPath }: OtherServer) => readyPath.replaceAll('{model}', name)

/** Fetches the files of the version for another server, and checks their digests. [Triton, model repository] */
const filesContainer = (item: DesiredItem, settings: ClusterSettings, { modelFolder }: OtherServer) => ({
  name: 'files',
  image: settings.image,
  args: ['--pod', POD_FOLDERS.secret, '--pod-files', `${modelFolder}/${item.name}/${item.version}`],
  resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
  securityContext: LOCKED,
  terminationMessagePolicy: 'FallbackToLogsOnError',
  volumeMounts: [SECRET_MOUNT, mount('data', modelFolder, false)],
})

const probe = (path: string, port: string, times: { periodSeconds: number; failureThreshold: number }) => ({
  httpGet: { path, port, scheme: 'HTTP' },
  timeoutSeconds: 2,
  ...times,
})

/** The other probes begin when this one has passed. The whole deadline is left for fetching and loading. */
const startupProbe = (path: string, { deadlineSeconds }: ClusterSettings) =>
  probe(path, 'rest', { periodSeconds: 2, failureThreshold: Math.max(1, Math.ceil(deadlineSeconds / 2)) })

/** The processors are requested and not limited: a limit makes tail latencies worse. The memory is limited. */
function resourcesOf(item: DesiredItem, { cpus, memoryMiB, devices = {} }: ClusterSettings) {
  const { instances, threads } = servingOf(item)
  const whole = Object.fromEntries(Object.entries(devices).map(([name, count]) => [name, String(count)]))
  const cpu = quantityOfCpus(cpus ?? instances * threads)
  return { requests: { cpu, memory: memoryOf(memoryMiB) }, limits: { memory: memoryOf(memoryMiB), ...whole } }
}

/** [kubernetes.io, Quantity] In the form in which the server gives it back. */
const quantityOfCpus = (cpus: number): string =>
  Number.isInteger(cpus) ? String(cpus) : `${Math.max(1, Math.round(cpus * 1_000))}m`
const memoryOf = (mib: number): string => (mib % 1_024 === 0 ? `${mib / 1_024}Gi` : `${mib}Mi`)

const scalerSpec = (item: DesiredItem, { minReplicas, maxReplicas, cpuPercent }: ClusterSettings) => ({
  scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: releaseObjectName(item) },
  minReplicas,
  maxReplicas,
  metrics: [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpuPercent } } },
  ],
})
