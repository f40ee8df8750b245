/** Cluster options: the arguments by which an agent makes a Kubernetes cluster one device. */
import { resolve } from 'node:path'
import type { Address } from '../options.ts'

export type ClusterOptions = {
  /** A file with credentials. The credentials of the agent's pod if undefined. */
  kubeconfig: string | undefined
  /** Undefined means that of the credentials. */
  namespace: string | undefined
  /** The image of the pods. Undefined means that of this version of the agent. */
  image: string | undefined
  replicas: { min: number; max: number }
  /** Settings of single models. */
  settingsFile: string | undefined
  /** The agent serves the files of versions to the pods here. */
  files: Address
  /** The address at which the pods reach it. Undefined means the Service of the printed manifest. */
  filesUrl: string | undefined
}

/** A pod of a cluster, which serves one version. */
export type PodOptions = {
  /** The folder of its Secret. */
  secret: string
  /** Fetch the files into this folder for another server, and end. */
  files: string | undefined
}

export const CLUSTER_FLAGS = {
  kubernetes: { type: 'boolean', default: false },
  kubeconfig: { type: 'string' },
  namespace: { type: 'string' },
  image: { type: 'string' },
  replicas: { type: 'string', default: '1' },
  'kubernetes-settings': { type: 'string' },
  'files-listen': { type: 'string', default: '0.0.0.0:8502' },
  'files-url': { type: 'string' },
  'print-manifest': { type: 'boolean', default: false },
  pod: { type: 'string' },
  'pod-files': { type: 'string' },
} as const

export const CLUSTER_HELP = `
With --kubernetes (docs/devices/kubernetes.md):

  --kubeconfig FILE   credentials for the cluster (default: those of the pod that the agent runs in)
  --namespace NAME    where the objects are (default: that of the credentials)
  --image IMAGE       the image of the pods (default: skerry/agent with the version of this agent)
  --replicas N        pods of a model: a number, or MIN-MAX such as 2-6 for an autoscaler (default: 1)
  --kubernetes-settings FILE   replicas, processors, memory or another server for single models, as JSON
  --files-listen HOST:PORT     where the agent serves files to the pods (default: 0.0.0.0:8502)
  --files-url URL     where the pods reach that (default: the Service skerry-agent of the namespace)
  --print-manifest    print namespace, rights, volume, agent and Service for "kubectl apply -f -", and end
  --pod DIR           be a pod: serve the version that the Secret in this folder names
  --pod-files DIR     with --pod: fetch the files of the version into this folder for another server, and end

Example: skerry agent --kubernetes --kubeconfig cluster.yaml --namespace plant --files-url https://10.0.0.7:8502
`

type Flags = {
  kubernetes: boolean
  kubeconfig?: string | undefined
  namespace?: string | undefined
  image?: string | undefined
  replicas: string
  'kubernetes-settings'?: string | undefined
  'files-listen': string
  'files-url'?: string | undefined
  'print-manifest': boolean
  pod?: string | undefined
  'pod-files'?: string | undefined
}

/** [RFC 1123] A label. */
const NAMESPACE = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** [github.com/distribution/reference] Without white space; the cluster checks the rest. */
const IMAGE = /^[a-zA-Z0-9][a-zA-Z0-9._/:@-]{0,254}$/

/** A Deployment may have more. So many pods of one model belong into several clusters. */
const REPLICAS_MAX = 1_000

const DEPENDENT = ['kubeconfig', 'image', 'kubernetes-settings', 'files-url'] as const

/** The mistake in the arguments; undefined if there is none. */
export function clusterTrouble(values: Flags, parseAddress: (text: string) => Address | undefined): string | undefined {
  const { kubernetes, namespace, image, 'files-listen': listen, 'files-url': url } = values
  const isUsed = kubernetes || values['print-manifest']
  const lonely = isUsed ? undefined : DEPENDENT.find((name) => values[name] !== undefined)
  if (lonely !== undefined) return `--${lonely} needs --kubernetes`
  if (values['pod-files'] !== undefined && values.pod === undefined) return '--pod-files needs --pod'
  if (namespace !== undefined && !NAMESPACE.test(namespace))
    return `--namespace must be 1 to 63 of a-z, 0-9 and -, not ${quote(namespace)}`
  if (image !== undefined && !IMAGE.test(image))
    return `--image must be an image such as registry.example.com/skerry/agent:0.1.0, not ${quote(image)}`
  if (!replicasOf(values.replicas))
    return `--replicas must be a number, or MIN-MAX such as 2-6, up to ${REPLICAS_MAX}, not ${quote(values.replicas)}`
  if (!parseAddress(listen)) return `--files-listen must be HOST:PORT such as 0.0.0.0:8502, not ${quote(listen)}`
  if (url !== undefined && URL.parse(url)?.protocol !== 'https:')
    return `--files-url must be https://HOST:PORT, not ${quote(url)}`
  return undefined
}

/** The options of an agent for a cluster; undefined for each other agent. */
export function clusterOf(
  values: Flags,
  parseAddress: (text: string) => Address | undefined,
): ClusterOptions | undefined {
  const files = parseAddress(values['files-listen'])
  const range = replicasOf(values.replicas)
  if (!(values.kubernetes || values['print-manifest']) || !files || !range) return undefined
  const { kubeconfig, namespace, image, 'kubernetes-settings': settings, 'files-url': url } = values
  return {
    kubeconfig: kubeconfig === undefined ? undefined : resolve(kubeconfig),
    namespace,
    image,
    replicas: range,
    settingsFile: settings === undefined ? undefined : resolve(settings),
    files,
    filesUrl: url === undefined ? undefined : new URL(url).origin,
  }
}

/** The options of a pod; undefined for each other agent. */
export const podOf = ({ pod, 'pod-files': files }: Flags): PodOptions | undefined =>
  pod === undefined ? undefined : { secret: resolve(pod), files: files === undefined ? undefined : resolve(files) }

function replicasOf(text: string): ClusterOptions['replicas'] | undefined {
  const [, low, high = low] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(text) ?? []
  const [min, max] = [Number(low), Number(high)]
  return min >= 1 && max >= min && max <= REPLICAS_MAX ? { min, max } : undefined
}

const quote = (text: string) => JSON.stringify(text.slice(0, 100))
