/**
 * Diagnostics bundle: one file for a person who helps from afar. It has the diagnostics that the hub could request, the
 * newest lines of the log, and the journal entries that the hub does not have yet. None of these has secrets.
 */
import { LOG_LINES_MAX } from '@skerry/contract/devices/log-line'
import { checkNetwork, type PageDoors } from './page-facts.ts'

/** As many as the device keeps for its hub. */
const ENTRIES_MAX = 2_000

/** The text of the file, in JSON. */
export async function diagnosticsBundle(doors: PageDoors, signal: AbortSignal): Promise<string> {
  const [diagnostics, locks, network] = await Promise.all([
    doors.diagnose(),
    doors.locks(),
    checkNetwork(doors, signal),
  ])
  const { running, hubQueue } = doors.connections()
  const { text, omittedCount } = doors.logs.newest('debug', LOG_LINES_MAX)
  const bundle = {
    madeAt: new Date(doors.clock.nowMs()).toISOString(),
    device: doors.identity(),
    diagnostics,
    network,
    locks,
    connections: running,
    hubQueue,
    remoteAccess: doors.consents.list(),
    journal: doors.journal.after(0, ENTRIES_MAX),
    log: text.split('\n').filter((line) => line !== ''),
    omittedLogLines: omittedCount,
  }
  return JSON.stringify(bundle, null, 2)
}
