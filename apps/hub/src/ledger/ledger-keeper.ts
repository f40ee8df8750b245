/**
 * Ledger keeper: writes the ledger soon after each change that it names. It reads the stored state and waits for no message in particular,
 * so a lost event costs a minute at most.
 */
import { isDeepStrictEqual } from 'node:util'
import { type EndedRecords, type Ledger, nextEnded } from '@skerry/core/ledger/ledger'
import type { Topic } from '../bus.ts'
import type { Hub } from '../hub.ts'
import { claimFiles } from './claim-files.ts'
import { endedNow, presentIds } from './ended-store.ts'
import { writeLedger } from './ledger-file.ts'
import { databaseRow, raiseSequence, setFileTrouble } from './ledger-store.ts'

const TOPICS: readonly Topic[] = [
  ...(['audit.appended', 'device.changed', 'key.changed', 'organisation.changed', 'trust.changed'] as const),
  'everything.changed',
]

/** Changes come in storms, such as a fleet that joins; a second gathers them, and a revocation is safe a second later. */
const GATHER_MS = 1_000

/** Also how often a ledger is written whose records did not change: so an older backup is known by its number. */
const LOOK_MS = 60_000

/** A hub that stops does not wait longer for a bucket that does not answer. */
const STOP_MS = 3_000

/** Begins; ends with a last write if there is something to write. */
export function startLedgerKeeper(hub: Hub): AsyncDisposable {
  const stop = new AbortController()
  const signal = AbortSignal.any([hub.signal, stop.signal])
  const keeper = createKeeper(hub)
  let wake = () => {}
  const heard = () => {
    keeper.note()
    wake()
  }
  const unsubscribes = TOPICS.map((topic) => hub.bus.subscribe(topic, undefined, heard))
  const rest = async (ms: number) => {
    const woken = new AbortController()
    wake = () => woken.abort()
    await hub.clock.sleep(ms, AbortSignal.any([signal, woken.signal])).catch(() => undefined)
  }
  const running = (async () => {
    while (!signal.aborted) {
      await keeper.keep(signal)
      await rest(LOOK_MS)
      if (!signal.aborted) await hub.clock.sleep(GATHER_MS, signal).catch(() => undefined)
    }
  })()
  return {
    async [Symbol.asyncDispose]() {
      for (const unsubscribe of unsubscribes) unsubscribe()
      stop.abort(new DOMException('the hub is no longer the leader', 'AbortError'))
      await running
      await keeper.keep(AbortSignal.timeout(STOP_MS))
    },
  }
}

type Keeper = {
  /** Something changed. */
  note(): void
  /** Writes if it has to. Trouble is logged once, and the next look tries again. */
  keep(signal: AbortSignal): Promise<void>
}

function createKeeper(hub: Hub): Keeper {
  let last: { ended: EndedRecords; atMs: number } | undefined
  let isPending = true
  let isTroubled = false
  /** False if it has to be tried again. */
  const write = async (signal: AbortSignal): Promise<boolean> => {
    // The keeper claims the files before each write: another database may have adopted them since, and its ledger must stay.
    const found = await claimed(hub, signal)
    if (found === undefined) return false
    const before = last?.ended ?? found.ended
    const ended = await endedAfter(hub, before)
    const elapsedMs = hub.clock.monotonicMs() - (last?.atMs ?? Number.NEGATIVE_INFINITY)
    // Unchanged records are written once a minute; a hub that stops writes them at once.
    if (isDeepStrictEqual(ended, before) && elapsedMs < LOOK_MS && !hub.signal.aborted) return false
    await writeNext(hub, ended, signal)
    last = { ended, atMs: hub.clock.monotonicMs() }
    return true
  }
  return {
    note() {
      isPending = true
    },
    async keep(signal) {
      if (!isPending) return
      // Before anything is read: a change that comes meanwhile is not lost.
      isPending = false
      try {
        if (!(await write(signal))) isPending = true
        isTroubled = false
      } catch (error) {
        if (!isTroubled && !signal.aborted) hub.log.warn('ledger_not_written', { error })
        isPending = true
        isTroubled = true
      }
    },
  }
}

async function endedAfter({ store, clock }: Hub, before: EndedRecords): Promise<EndedRecords> {
  const now = await endedNow(store.db, clock.nowMs())
  const isSettled = Object.keys(before).every((id) => Object.hasOwn(now, id))
  const present = isSettled ? new Set<string>() : await presentIds(store.db)
  return nextEnded(before, now, (id) => present.has(id))
}

/** The ledger as this lead finds it; undefined while the files are not this database's. */
async function claimed(hub: Hub, signal: AbortSignal): Promise<Pick<Ledger, 'ended'> | undefined> {
  const result = await claimFiles(hub, signal)
  if (result.ok) return result.ledger ?? { ended: {} }
  hub.log.error(result.code, { message: result.message })
  await setFileTrouble(hub.store, { kind: 'foreign', count: 1, files: 1 }, hub.clock.nowMs())
  return undefined
}

async function writeNext({ store, blobs, clock, ids }: Hub, ended: EndedRecords, signal: AbortSignal) {
  const { database_id: databaseId } = await databaseRow(store, ids.database)
  const sequence = await store.transaction((tx) => raiseSequence(tx))
  await writeLedger(blobs, { databaseId, sequence, writtenAtMs: clock.nowMs(), ended }, signal)
}
