/**
 * Memory store: a device's records without a disk. After a simulated kill, all records are still there: simulated
 * devices do not lose their power.
 */
import type { AgentConfiguration } from '@skerry/contract/batches/batch-command'
import type { JobResult } from '@skerry/contract/batches/job'
import { type DesiredItem, readDocument } from '@skerry/contract/devices/desired'
import type { Digest } from '@skerry/contract/values/digest'
import { type ItemLife, newItemLife, stepItem } from '@skerry/core/device/item-life'
import type { RememberedFailure } from '@skerry/core/device/remembered-failure'
import type { AgentStore, FollowedDocument } from '../store/agent-store.ts'
import type { BegunJob, JobJournal } from '../store/job-journal.ts'

/** Contents of documents by their digest: a fleet with the same document stores it once. */
export type SharedItems = Map<Digest, readonly DesiredItem[]>

/** Above this number, contents without a follower are dropped. Each may have a hundred kilobytes. */
const SHARED_MAX = 64

export function createMemoryStore(clock: { nowMs(): number }, shared: SharedItems): AgentStore {
  const lives = new Map<string, ItemLife>()
  let failures: Map<string, RememberedFailure[]> | undefined
  let document: FollowedDocument | undefined
  let lastGoodGeneration = 0
  let latestTimeMs = 0
  let configuration: AgentConfiguration = {}
  return {
    document: () => document,
    saveDocument(next) {
      const { rejected, ...read } = readDocument(next)
      const items = rejected.length > 0 ? read.items : [...itemsOf(read, shared)]
      document = { ...read, items, rejected, sinceMs: clock.nowMs() }
    },
    lives: () => [...lives.values()],
    tell(item, event) {
      const life = lives.get(item.name)
      const next = life
        ? stepItem(life, event, clock.nowMs())
        : newItemLife(item, clock.nowMs(), failures?.get(item.name) ?? [])
      lives.set(item.name, next)
      return next
    },
    forget(model) {
      failures ??= new Map()
      failures.set(model, lives.get(model)?.failures ?? [])
      lives.delete(model)
    },
    lastGoodGeneration: () => lastGoodGeneration,
    saveLastGoodGeneration(generation) {
      lastGoodGeneration = generation
    },
    latestTimeMs: () => latestTimeMs,
    saveLatestTime(timeMs) {
      latestTimeMs = timeMs
    },
    // A simulated device has no runner.
    openRows: () => [],
    saveOpenRows() {},
    configuration: () => configuration,
    saveConfiguration(next) {
      configuration = next
    },
    jobs: createMemoryJournal(),
    damage: () => undefined,
    [Symbol.dispose]() {},
  }
}

function itemsOf(
  { digest, items }: Pick<FollowedDocument, 'digest' | 'items'>,
  shared: SharedItems,
): readonly DesiredItem[] {
  const known = shared.get(digest)
  if (known) return known
  if (shared.size >= SHARED_MAX) shared.clear()
  shared.set(digest, items)
  return items
}

type Entry = { begun?: BegunJob; result?: JobResult; isHeard: boolean; expiresAtMs: number }

/** Created at the first job: most simulated devices never get one. */
function createMemoryJournal(): JobJournal {
  let entries: Map<string, Entry> | undefined
  const spell = ({ batchId, attempt }: { batchId: string; attempt: number }) => `${batchId} ${attempt}`
  const set = (key: string, change: Partial<Entry>) => {
    entries ??= new Map()
    entries.set(key, { isHeard: false, expiresAtMs: 0, ...entries.get(key), ...change })
  }
  const all = () => [...(entries?.values() ?? [])]
  return {
    has: (key) => entries?.has(spell(key)) ?? false,
    begin: (job) => set(spell(job), { begun: job, expiresAtMs: job.expiresAtMs }),
    begun: () => all().flatMap(({ begun, result }) => (begun && !result ? [begun] : [])),
    end: (result, expiresAtMs) => set(spell(result), { result, expiresAtMs, isHeard: false }),
    forget: (key) => void entries?.delete(spell(key)),
    unheard: () => all().flatMap(({ result, isHeard }) => (result && !isHeard ? [result] : [])),
    heard(key) {
      const { output: _, ...result } = entries?.get(spell(key))?.result ?? { ...key, outcome: 'failed' }
      set(spell(key), { result, isHeard: true })
    },
    doubt: (key) => set(spell(key), { isHeard: false }),
    forgetExpired(nowMs) {
      for (const [key, { isHeard, expiresAtMs }] of entries ?? [])
        if (isHeard && expiresAtMs <= nowMs) entries?.delete(key)
    },
  }
}
