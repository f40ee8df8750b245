/** Finish wipe: runs after all resources are released, when nobody works in the folder any more. */
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { lockFolder } from '@skerry/platform/files/folder-lock'
import { createLog, type Log } from '@skerry/platform/process/log'
import { readAppsName, wipeApps } from '../kinds/app/wipe-apps.ts'
import type { ClusterOptions } from '../kubernetes/cluster-options.ts'
import type { AgentOptions } from '../options.ts'
import { clearSecretFiles } from '../secrets/secret-files.ts'
import { openWipe } from './wipe.ts'

/** In milliseconds. Ten containers take seconds to end. */
const CONTAINERS_MS = 60_000

/** An engine that is down must not keep the keys and models of the device. */
async function wipeContainers(name: string | undefined, docker: string, log: Log): Promise<void> {
  const signal = AbortSignal.timeout(CONTAINERS_MS)
  if (name === undefined) return
  await wipeApps(name, docker, signal).catch((error: unknown) => log.error('apps_not_wiped', { error }))
}

/** A cluster that is away must not keep the keys of the device either. */
async function wipeObjects(name: string | undefined, cluster: ClusterOptions, log: Log): Promise<void> {
  const signal = AbortSignal.timeout(CONTAINERS_MS)
  if (name === undefined) return
  const { wipeCluster } = await import('../kubernetes/wipe-cluster.ts')
  await wipeCluster(name, cluster, signal).catch((error: unknown) => log.error('cluster_not_wiped', { error }))
}

/** Resolves with the exit code: 1 if something remains, which the next start deletes. */
export async function finishWipe({ data, secrets, docker, cluster, logLevel }: AgentOptions): Promise<number> {
  const log = createLog({ name: 'agent', level: logLevel })
  const locked = lockFolder(data, 'agent')
  // Another agent has started meanwhile: it reads the begun wipe, and continues it.
  if (!locked.ok) return 0
  using _ = locked.lock
  try {
    // The folder goes first, because it has the keys. Its name in the engine goes with it.
    const appsName = await readAppsName(nodeFileSystem, data)
    const clusterName = cluster && (await (await import('../kubernetes/wipe-cluster.ts')).readClusterName(data))
    await openWipe(nodeFileSystem, data).finish(async () => {
      if (secrets !== undefined) await clearSecretFiles(nodeFileSystem, secrets)
      await wipeContainers(appsName, docker, log)
      if (cluster) await wipeObjects(clusterName, cluster, log)
    })
    log.warn('wipe_done', { data })
    return 0
  } catch (error) {
    log.error('wipe_unfinished', { data, error })
    return 1
  }
}
