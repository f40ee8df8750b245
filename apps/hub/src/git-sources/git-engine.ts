/**
 * Git engine: the leader synchronises each source when its time has come. A slow repository does not hold up the others.
 */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { GitSourceId } from '@skerry/contract/values/ids'
import type { Hub } from '../hub.ts'
import { dueGitSources, gitSourceOfId } from './git-source-store.ts'
import { syncSource } from './sync-source.ts'

/** A webhook or a person should not wait long, and a look costs one query. */
const LOOK_MS = 1_000

/** Each may hold a fetch in memory, and compares documents with the fleet. */
const AT_ONCE_MAX = 4

/** Starts the loop; it ends with `hub.signal` at the latest. */
export function startGitSources(hub: Hub): AsyncDisposable {
  const stop = new AbortController()
  const signal = AbortSignal.any([hub.signal, stop.signal])
  const running = run({ ...hub, signal })
  return {
    async [Symbol.asyncDispose]() {
      stop.abort(new DOMException('the hub is no longer the leader', 'AbortError'))
      await running
    },
  }
}

async function run(hub: Hub): Promise<void> {
  const busy = new Map<GitSourceId, Promise<void>>()
  await removeStrays(hub).catch((error: unknown) => hub.log.warn('git_strays_kept', { error }))
  while (!hub.signal.aborted) {
    const due = await dueGitSources(hub.store.db, hub.clock.nowMs()).catch((error: unknown) => {
      if (!hub.signal.aborted) hub.log.error('loop_failed', { loop: 'git_sources', error })
      return []
    })
    for (const row of due) {
      if (busy.has(row.id) || busy.size >= AT_ONCE_MAX) continue
      const task = syncSource(hub, row)
        .catch((error: unknown) => {
          if (!hub.signal.aborted) hub.log.error('git_sync_failed', { source: row.name, error })
        })
        .finally(() => busy.delete(row.id))
      busy.set(row.id, task)
    }
    await hub.clock.sleep(LOOK_MS, hub.signal).catch(() => undefined)
  }
  await Promise.all(busy.values())
}

/** Removes the copies of repositories whose sources are gone, such as those that another hub removed. */
async function removeStrays({ config, store }: Hub): Promise<void> {
  const names = await readdir(config.git.folder).catch(() => [])
  for (const name of names.filter((each) => each.startsWith('git_'))) {
    if (!(await gitSourceOfId(store.db, name)))
      await rm(join(config.git.folder, name), { recursive: true, force: true })
  }
}
