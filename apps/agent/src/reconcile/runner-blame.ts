/** Runner blame: what the end of a runner, or of one model's worker in it, means for which item. */
import type { DesiredItem } from '@skerry/contract/desired'
import type { Cause } from '@skerry/contract/item'
import { type ItemLife, isActivating, isProving, isSameLoad } from '@skerry/core/item-life'
import type { RunnerEnd } from '../runner/runner-process.ts'
import type { RunnerSupervisor } from '../runner/runner-supervisor.ts'
import type { AgentStore } from '../store/agent-store.ts'
import type { Waits } from './waits.ts'

export type BlameDeps = { store: AgentStore; waits: Waits; runner: RunnerSupervisor }

/**
 * A crash while a version was loaded or checked is that version's; one at another time that of the versions on probation, or shadows. Whose activation
 * was only cut short by it begins again. What has proved itself is not blamed, but is not loaded again at once if it died of loading.
 */
export function noteRunnerEnd(
  { end, busyWith }: { end: RunnerEnd; busyWith: DesiredItem | undefined },
  { store, waits }: BlameDeps,
): void {
  if (end.kind === 'stopped') return
  for (const life of store.lives().filter(isActivating)) {
    const isGuilty = end.kind !== 'killed' && (busyWith ? isBusyWith(life, busyWith) : isProving(life))
    store.tell(
      life.target,
      isGuilty ? { kind: 'runner-crashed', cause: crashCause(life, end.message) } : { kind: 'interrupted' },
    )
  }
  if (busyWith) waits.failed({ kind: 'load', item: busyWith, isRestore: true })
}

/** A worker thread that ended by itself takes its version with it, and no other. */
export async function noteBrokenSlots({ store, waits, runner }: BlameDeps): Promise<void> {
  for (const { item, problem } of runner.loaded() ?? []) {
    if (problem === undefined) continue
    const life = store.lives().find(({ target }) => target.model === item.model)
    if (life && isActivating(life) && isBusyWith(life, item)) {
      store.tell(item, { kind: 'runner-crashed', cause: crashCause(life, problem) })
    }
    waits.failed({ kind: 'load', item, isRestore: true })
    await runner.unload(item)
  }
}

const isBusyWith = ({ target }: ItemLife, item: DesiredItem) => target.model === item.model && isSameLoad(target, item)

const crashCause = ({ state }: ItemLife, how: string): Cause => ({
  code: 'model_crashed',
  message: `${how} while the version was in ${state}`.slice(0, 1_000),
})
