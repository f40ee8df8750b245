/** Wipe cluster: removes all objects that this device has applied to its cluster. Their pods end with them. */
import { join } from 'node:path'
import { CLUSTER_LABELS } from '@skerry/core/kubernetes/cluster-names'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { systemClock } from '@skerry/platform/process/clock'
import { type ClusterAccess, openCluster } from './cluster.ts'
import { readClusterDevice } from './cluster-identity.ts'
import { OWN_KINDS } from './cluster-state.ts'

/** The name of the device in its labels; undefined if it never had a cluster. */
export const readClusterName = (data: string): Promise<string | undefined> =>
  readClusterDevice(nodeFileSystem, join(data, 'kinds', 'model'))

/** Throws if the cluster does not answer, or refuses. */
export async function wipeCluster(device: string, access: ClusterAccess, signal: AbortSignal): Promise<void> {
  const cluster = await openCluster(access, { clock: systemClock, random: Math.random })
  for (const kind of OWN_KINDS) {
    for (const { metadata } of await cluster.list(kind, `${CLUSTER_LABELS.device}=${device}`, signal)) {
      await cluster.remove({ ...kind, name: metadata.name }, signal)
    }
  }
}
