/** Journal stream: hands the device's journal to the hub while the link holds. Nothing else depends on it, so that nothing about it ends a link. */
import { ORPCError } from '@orpc/client'
import { JournalHeld } from '@skerry/contract/audit/device-journal'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { LinkClient } from '../link/signed-streams.ts'
import type { DeviceJournal } from './device-journal.ts'

/** A hub that cannot take entries now has other things to do than to be asked at once. */
const RETRY_MS = 60_000

/** Never returns. A hub that knows no journals is told nothing; entries wait for one that does. */
export async function followJournal(
  journal: DeviceJournal,
  client: Pick<LinkClient, 'journal'>,
  { clock, log, signal }: { clock: Pick<Clock, 'sleep'>; log: Pick<Log, 'warn'>; signal: AbortSignal },
): Promise<never> {
  for (;;) {
    try {
      return await handIn(journal, client, signal)
    } catch (error) {
      signal.throwIfAborted()
      // [oRPC] What a server says of a procedure that it does not have.
      if (error instanceof ORPCError && error.code === 'NOT_FOUND') return new Promise(() => {})
      log.warn('journal_not_taken', { error })
      await clock.sleep(RETRY_MS, signal)
    }
  }
}

async function handIn(
  journal: DeviceJournal,
  client: Pick<LinkClient, 'journal'>,
  signal: AbortSignal,
): Promise<never> {
  const tell = async (page: ReturnType<DeviceJournal['pageAfter']>) => {
    const held = JournalHeld.parse(await client.journal(page, { signal }))
    journal.heard(held)
    return held
  }
  // First where the hub stands: what it has is not sent again.
  let held = await tell({ ...journal.pageAfter({}), entries: [] })
  for (;;) {
    if (journal.hasMore(held)) held = await tell(journal.pageAfter(held))
    else await journal.news(signal)
  }
}
