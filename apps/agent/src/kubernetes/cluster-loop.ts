/**
 * Cluster loop: opens the cluster, and reads its objects again and again. While the API does not answer, the pods go on
 * by themselves; after a while the driver reports that it knows nothing.
 */
import { backoffMs } from '@skerry/core/values/backoff'
import { createWakeUp, type WakeUp } from '../wake-up.ts'
import { ClusterGone } from './cluster.ts'
import { type ClusterReach, type ClusterState, readAndCorrect } from './cluster-state.ts'

/** In milliseconds. Six lists of labelled objects; the bound on the age of figures and on the life of a drift. */
const READ_EVERY_MS = 10_000

/** In milliseconds, while pods are being started or are on trial. */
const READ_SOON_MS = 1_000

/** In milliseconds. An API server that is being replaced is back within a minute. */
const BACKOFF = { baseMs: 1_000, maxMs: 30_000 }

export type ClusterLoop = {
  /** Reads again at once. */
  wake(): void
  /** Ends when the signal aborts. */
  done: Promise<void>
}

/** `open` is called until it succeeds. `isWaiting` answers whether a release is being started. */
export function followCluster(
  it: ClusterState,
  { open, isWaiting }: { open(signal: AbortSignal): Promise<ClusterReach>; isWaiting(): boolean },
): ClusterLoop {
  const wakeUp = createWakeUp(it.clock)
  return { wake: wakeUp.wake, done: run(it, { open, isWaiting, wakeUp }).catch(() => undefined) }
}

type Loop = { open(signal: AbortSignal): Promise<ClusterReach>; isWaiting(): boolean; wakeUp: WakeUp }

async function run(it: ClusterState, loop: Loop): Promise<void> {
  const { signal, clock } = it
  for (let failures = 0, known = ''; ; ) {
    failures = (await readOnce(it, loop, failures)) ? 0 : failures + 1
    const now = stateText(it)
    if (now !== known) it.onChange()
    known = now
    if (failures > 0) await clock.sleep(backoffMs(failures - 1, BACKOFF, 0.5 + Math.random() / 2), signal)
    else await loop.wakeUp.wait(loop.isWaiting() ? READ_SOON_MS : READ_EVERY_MS, signal)
  }
}

/** Whether the cluster answered. */
async function readOnce(it: ClusterState, { open }: Loop, failures: number): Promise<boolean> {
  const { signal } = it
  signal.throwIfAborted()
  try {
    const isFirst = it.answeredAtMs === undefined
    const reach = it.reach ?? (await open(signal))
    it.reach = reach
    await it.lock(() => readAndCorrect(it, reach, signal))
    if (failures > 0 || isFirst) it.log.info('cluster_connected', { namespace: reach.cluster.namespace })
    delete it.trouble
    it.conditions.clear('cluster_unreachable')
    if (it.refusal) it.conditions.raise(it.refusal)
    else it.conditions.clear('cluster_refused')
    return true
  } catch (error) {
    signal.throwIfAborted()
    noteFailure(it, error, failures)
    return false
  }
}

/** All but silence is for a person to mend: rights, the namespace, a file of credentials or of settings. */
function noteFailure(it: ClusterState, error: unknown, failures: number): void {
  if (failures === 0) it.log.warn('cluster_lost', { error })
  const message = (error instanceof Error ? error.message : String(error)).slice(0, 1_000)
  const isRefused = !(error instanceof ClusterGone)
  it.trouble = { code: isRefused ? 'cluster_refused' : 'cluster_unreachable', message }
  it.conditions.raise(it.trouble)
}

/** The answer changes when the plan of the device may. */
const stateText = (it: ClusterState): string =>
  JSON.stringify([
    it.trouble?.code,
    [...it.serving].map(([model, { name, problem }]) => [model, name, problem]),
    [...it.status].map(([name, { deployment, pods }]) => [name, deployment?.status, pods]),
    [...it.corrections],
  ])
