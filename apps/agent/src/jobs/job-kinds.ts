/** Job kinds: the table of what a batch can have this device do. A row says how, and what a kill in the middle means. */
import type { AgentConfiguration, BatchCommandOf, BatchKind } from '@skerry/contract/batches/batch-command'
import { JOB_OUTPUT_BYTES_MAX } from '@skerry/contract/batches/job'
import type { Inventory } from '@skerry/contract/devices/device'
import type { LogRing } from '../commands/log-ring.ts'
import type { Collected } from '../reconcile/reconciler.ts'

/** Labels are the hub's own. */
export type JobKind = Exclude<BatchKind, 'relabel'>

/** What it gives back is text: JSON, or lines of the log. What it throws is told as its failure. */
export type JobRow<Kind extends JobKind> = {
  run(command: BatchCommandOf<Kind>, signal: AbortSignal): Promise<string>
  /** again: nothing is lost by doing it once more. reboot: the end of the agent is what was asked for. lost: nobody knows how far it came. */
  interrupted: 'again' | 'reboot' | 'lost'
}

export type JobKinds = { readonly [Kind in JobKind]: JobRow<Kind> }

export type JobDoors = {
  logs: LogRing
  diagnose(): Promise<object>
  /** Looks anew, and has the hub told. */
  refreshInventory(): Promise<Inventory>
  /** Gives the end of the new certificate. */
  renewCertificate(signal: AbortSignal): Promise<number>
  collectGarbage(signal: AbortSignal): Promise<Collected>
  /** Keeps it, and puts it in force; gives what is in force then. */
  configure(configuration: AgentConfiguration): AgentConfiguration
  /** Ends this agent, and begins another in its place. Throws where it could not begin. */
  restart(): void
}

/** The table. */
export const jobKinds = (doors: JobDoors): JobKinds => ({
  'reboot-agent': {
    interrupted: 'reboot',
    run: (_command, signal) =>
      new Promise((_resolve, reject) => {
        // Before the restart, which may fire it at once.
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        doors.restart()
      }),
  },
  'collect-logs': { interrupted: 'again', run: async ({ level, limit }) => newestLines(doors.logs, level, limit) },
  'run-diagnostics': { interrupted: 'again', run: async () => JSON.stringify(await doors.diagnose()) },
  'refresh-inventory': { interrupted: 'again', run: async () => JSON.stringify(await doors.refreshInventory()) },
  'renew-certificate': {
    interrupted: 'lost',
    run: async (_command, signal) => JSON.stringify({ notAfterMs: await doors.renewCertificate(signal) }),
  },
  'collect-garbage': {
    interrupted: 'again',
    run: async (_command, signal) => JSON.stringify(await doors.collectGarbage(signal)),
  },
  'set-configuration': {
    interrupted: 'again',
    run: async ({ configuration }) => JSON.stringify(doors.configure(configuration)),
  },
})

/** The newest lines that fit; the first line counts those that do not, and would be wanted. */
function newestLines(logs: LogRing, level: BatchCommandOf<'collect-logs'>['level'], limit: number): string {
  const { text, omittedCount } = logs.newest(level, limit)
  const lines = text.split('\n').filter((line) => line !== '')
  const roomBytes = JOB_OUTPUT_BYTES_MAX - OMISSION_BYTES
  let bytes = 0
  let first = lines.length
  while (first > 0) {
    bytes += Buffer.byteLength(lines[first - 1] ?? '') + 1
    if (bytes > roomBytes) break
    first -= 1
  }
  const omitted = omittedCount + first
  const omission = omitted > 0 ? [JSON.stringify({ level: 'info', event: 'older_lines_omitted', count: omitted })] : []
  return [...omission, ...lines.slice(first)].map((line) => `${line}\n`).join('')
}

/** The line that counts takes less. */
const OMISSION_BYTES = 100
