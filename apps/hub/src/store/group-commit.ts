/**
 * Group commit: queued transactions share one wait for the disk. Each still runs alone and is stored completely or not
 * at all. If one fails, it is rolled back to its start, and the others continue. All of them resolve once the disk has
 * them.
 *
 *     begin · work 1 · savepoint · work 2 · release · savepoint · work 3 fails · rollback to · release · commit
 *     → 1 and 2 are kept
 */
import { CompiledQuery, type Kysely } from 'kysely'
import type { Store, Tables, Tx } from './store.ts'

/**
 * Most transactions take a tenth of a millisecond, and the disk some milliseconds. A larger group would delay the first
 * member, and gain little.
 */
const MEMBERS_MAX = 64

type Member = { run(tx: Tx): Promise<void>; kept(): void; failed(error: unknown): void }

/** The store's `transaction`, on its one writer. `committed` is called after each group, whether it was kept or not. */
export function createGroupCommit(writer: Kysely<Tables>, committed: () => void = () => {}): Store['transaction'] {
  const waiting: Member[] = []
  let isRunning = false
  const drain = async () => {
    isRunning = true
    for (let first = waiting.shift(); first; first = waiting.shift()) {
      await commitGroup(writer, first, waiting)
      committed()
    }
    isRunning = false
  }
  return <T>(work: (tx: Tx) => Promise<T>) =>
    new Promise<T>((resolve, reject) => {
      let result: { value: T } | undefined
      waiting.push({
        async run(tx) {
          result = { value: await work(tx) }
        },
        kept: () => result && resolve(result.value),
        failed: reject,
      })
      if (!isRunning) void drain()
    })
}

/** Never throws: it reports the result to each member. */
async function commitGroup(writer: Kysely<Tables>, first: Member, waiting: Member[]): Promise<void> {
  const members = [first]
  try {
    await writer.transaction().execute(async (tx) => {
      await first.run(tx)
      for (let count = 1; count < MEMBERS_MAX; count++) {
        const next = waiting.shift()
        if (!next) return
        members.push(next)
        if (!(await runInside(tx, next))) members.pop()
      }
    })
  } catch (error) {
    for (const member of members) member.failed(error)
    return
  }
  for (const member of members) member.kept()
}

const SAVEPOINT = CompiledQuery.raw('savepoint member')
const RELEASE = CompiledQuery.raw('release member')
const UNDO = CompiledQuery.raw('rollback to member')

/**
 * Whether to keep the member. Throws if SQLite has rolled back the whole transaction, as it does when the disk is full.
 */
async function runInside(tx: Tx, member: Member): Promise<boolean> {
  await tx.executeQuery(SAVEPOINT)
  try {
    await member.run(tx)
    await tx.executeQuery(RELEASE)
    return true
  } catch (error) {
    // All members get the original error, and not the failure of the rollback.
    await tx.executeQuery(UNDO).catch(() => {
      throw error
    })
    await tx.executeQuery(RELEASE)
    member.failed(error)
    return false
  }
}
