/**
 * Monitor keeper: holds the monitors of the device's models, from the hub's last document. The document is on disk, so that
 * the device counts without a hub, and gives it to each runner.
 */
import { join } from 'node:path'
import { type HeldMonitors, MonitorsDocument, type Watch, type WriteHold } from '@skerry/contract/held/monitors'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { Conditions } from '../conditions.ts'
import type { AgentStore } from '../store/agent-store.ts'
import type { MonitorRequest, OpenRows } from './monitor-board.ts'

export type MonitorKeeper = {
  /** The state that the device reports to the hub. */
  held(): HeldMonitors
  /** From now on the document counts, and is on disk. If that fails, a condition gives the reason, and nothing changes. */
  take(document: MonitorsDocument): Promise<void>
  /** A runner has begun: it gets the watches, and what the one before has lost. */
  order(): Promise<void>
  /** The rows of the runner's open windows, each second. */
  heard(open: readonly OpenRows[]): void
}

type MonitorKeeperDeps = {
  fileSystem: FileSystem
  data: string
  conditions: Conditions
  log: Log
  clock: Pick<Clock, 'nowMs'>
  store: Pick<AgentStore, 'openRows' | 'saveOpenRows'>
  /** Resolves when the runner has taken them, or has not. */
  watch(orders: Omit<MonitorRequest, 'kind'>): Promise<{ ok: boolean }>
}

/** Each is a write to a disk that may be a memory card. A power cut loses the count of as many seconds. */
const SAVE_MS = 5_000

const OWNER_ONLY = 0o600

/** Reads the stored document from disk. */
export async function openMonitorKeeper(deps: MonitorKeeperDeps): Promise<MonitorKeeper> {
  const { fileSystem, data, conditions, log, clock, store, watch } = deps
  const path = join(data, 'monitors.json')
  const bytes = await readIfPresent(fileSystem, path)
  // The hub sends a damaged document again, because the device reports no revision.
  let kept = bytes && parse(Buffer.from(bytes).toString('utf8'))
  // All processes may have ended at once: then the rows that were open are lost.
  let lost = store.openRows()
  let open: readonly OpenRows[] = []
  let saved = { rows: rowsIn(lost), atMs: clock.nowMs() }
  let lane = Promise.resolve()
  // A runner that is still starting takes nothing: then the lost rows wait for it.
  const tell = () => {
    lane = lane.then(async () => {
      const told = lost
      const { ok } = await watch({ watches: watchesIn(kept), holds: holdsIn(kept), lost: told })
      if (ok) lost = lost.slice(told.length)
    })
    return lane
  }
  return {
    held: () => ({ ...(kept && { revision: kept.revision }) }),
    async take(document) {
      const problem = await write(fileSystem, path, document)
      if (problem !== undefined) return conditions.raise({ code: 'monitors_refused', message: problem })
      kept = document
      conditions.clear('monitors_refused')
      log.info('monitors_taken', { revision: document.revision, watches: document.watches.length })
      await tell()
    },
    order() {
      lost = [...lost, ...open]
      open = []
      return tell()
    },
    heard(rows) {
      open = rows
      const sum = rowsIn(rows)
      const isDue = Math.abs(clock.nowMs() - saved.atMs) >= SAVE_MS
      // A window has ended: its rows are in the queue, and must not be counted as lost too.
      if (sum === saved.rows || (sum > saved.rows && !isDue)) return
      store.saveOpenRows(rows)
      saved = { rows: sum, atMs: clock.nowMs() }
    },
  }
}

const rowsIn = (open: readonly OpenRows[]) => open.reduce((sum, { rows }) => sum + rows, 0)

const watchesIn = (document: MonitorsDocument | undefined): readonly Watch[] => [
  ...(document?.watches ?? []),
  ...(document?.sources ?? []),
]

const holdsIn = (document: MonitorsDocument | undefined): readonly WriteHold[] => document?.holds ?? []

async function write(fileSystem: FileSystem, path: string, document: MonitorsDocument): Promise<string | undefined> {
  try {
    await writeAtomic(fileSystem, path, JSON.stringify(document), OWNER_ONLY)
    return undefined
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return `monitors cannot be written to disk (${why})`.slice(0, 500)
  }
}

function parse(text: string): MonitorsDocument | undefined {
  try {
    return MonitorsDocument.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
