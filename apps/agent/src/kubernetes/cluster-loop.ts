/**
 * Cluster loop: opens the cluster, and reads its objects again and again. While the API does not answer, the pods go on
 * by themselves; after a while the driver reports that it knows nothing.
 */
import { backoffMs } from '@skerry/core/values/backoff'
import { createWakeUp, type WakeUp } from '../wake-up.ts'
import { ClusterRefused } from './cluster.ts'
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

async function run(it: ClusterState, { open, isWaiting, wakeUp }: Loop): Promise<void> {
  const { signal, clock, random } = { ...it, random: Math.random }
  let known = ''
  for (let failures = 0; ; ) {
    signal.throwIfAborted()
    try {
      const reach = it.reach ?? (await open(signal))
      it.reach = reach
      await it.lock(() => readAndCorrect(it, reach, signal))
      if (failures > 0 || known === '') it.log.info('cluster_connected', { namespace: reach.cluster.namespace })
      failures = 0
      delete it.trouble
      for (const code of ['cluster_unreachable', 'cluster_refused']) it.conditions.clear(code)
    } catch (error) {
      signal.throwIfAborted()
      noteFailure(it, error, failures++)
    }
    const now = stateText(it)
    if (now !== known) it.onChange()
    known = now
    const soonMs = isWaiting() ? READ_SOON_MS : READ_EVERY_MS
    if (failures === 0) await wakeUp.wait(soonMs, signal)
    else await clock.sleep(backoffMs(failures - 1, BACKOFF, 0.5 + random() / 2), signal)
  }
}

/** A refusal is one of rights or of a namespace, as a rule. Both are for a person to mend. */
function noteFailure(it: ClusterState, error: unknown, failures: number): void {
  if (failures === 0) it.log.warn('cluster_lost', { error })
  const message = (error instanceof Error ? error.message : String(error)).slice(0, 1_000)
  const isRefused = error instanceof ClusterRefused
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
