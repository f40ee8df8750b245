/**
 * Cluster names: the names and labels of the objects that an agent applies to a Kubernetes cluster. The agent changes
 * only objects that have its labels.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { servingOf, settingsOf } from '../kinds/kinds.ts'
import { canonicalJson } from '../values/canonical-json.ts'

/** The labels by which the agent knows its own objects. */
export const CLUSTER_LABELS = {
  managedBy: 'app.kubernetes.io/managed-by',
  /** The data folder of an agent: several agents may share a namespace. */
  device: 'skerry/device',
  model: 'skerry/model',
  version: 'skerry/version',
  /** A version with its settings. */
  release: 'skerry/release',
} as const

/** [kubernetes.io, "Server-Side Apply"] The owner of the applied fields. */
export const FIELD_MANAGER = 'skerry-agent'

/** [RFC 1035] Of a Service, and of a label's value. */
const NAME_CHARACTERS_MAX = 63

/** The same files with other settings make another release. */
export function clusterReleaseId(item: DesiredItem): string {
  const settings = [item.digest, servingOf(item), settingsOf(item) ?? null]
  return `v${item.version}-${shortSum(canonicalJson(settings))}`
}

/** The name of the Deployment of a release, and of the objects that belong to it. */
export const releaseObjectName = (item: DesiredItem): string => fittingName(item.name, `-${clusterReleaseId(item)}`)

/** The name of the Service, under which clients reach whichever version serves. */
export const serviceObjectName = (model: string): string => fittingName(model, '')

/** A long name is cut. A sum of the whole name keeps two of them apart. */
function fittingName(model: string, end: string): string {
  const name = `skerry-${model}${end}`
  if (name.length <= NAME_CHARACTERS_MAX) return name
  const rest = `-${shortSum(model)}${end}`
  return `${`skerry-${model}`.slice(0, NAME_CHARACTERS_MAX - rest.length)}${rest}`
}

/** The labels of all objects of a model. */
export const modelLabels = (device: string, model: string): Record<string, string> => ({
  [CLUSTER_LABELS.managedBy]: 'skerry',
  [CLUSTER_LABELS.device]: device,
  [CLUSTER_LABELS.model]: model,
})

/** The labels of the objects of one release. */
export const releaseLabels = (device: string, item: DesiredItem): Record<string, string> => ({
  ...modelLabels(device, item.name),
  [CLUSTER_LABELS.version]: String(item.version),
  [CLUSTER_LABELS.release]: clusterReleaseId(item),
})

/** [FNV-1a] Tells a few texts apart; nobody is protected by it. */
export function shortSum(text: string): string {
  let sum = 0x811c9dc5
  for (const character of text) sum = Math.imul(sum ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return (sum >>> 0).toString(16).padStart(8, '0')
}
