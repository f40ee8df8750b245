/** Job kinds: the table of the jobs that a batch can order. A row has the work, and the meaning of an interruption. */
import type { AgentConfiguration, BatchCommandOf, BatchKind } from '@skerry/contract/batches/batch-command'
import { JOB_OUTPUT_BYTES_MAX } from '@skerry/contract/batches/job'
import type { BenchCommand } from '@skerry/contract/builds/bench-command'
import type { CalibrateCommand, RangesReport } from '@skerry/contract/builds/device-ranges'
import type { BenchReport } from '@skerry/contract/builds/measurement'
import type { Inventory } from '@skerry/contract/devices/device'
import type { LogRing } from '../commands/log-ring.ts'
import type { AppOrder } from '../kinds/driver.ts'
import type { Collected } from '../reconcile/reconciler.ts'
import type { PowerAction } from '../system/power.ts'
import { JobProblem } from './job-problem.ts'

/** The hub itself changes labels. */
export type JobKind = Exclude<BatchKind, 'relabel'>

/** The result is text: JSON, or lines of the log. An exception is reported as the failure. */
export type JobRow<Kind extends JobKind> = {
  run(command: BatchCommandOf<Kind>, signal: AbortSignal): Promise<string>
  /**
   * again: a repeat loses nothing. reboot: the end of the agent was the order itself. lost: nobody knows how much was
   * done.
   */
  interrupted: 'again' | 'reboot' | 'lost'
}

export type JobKinds = { readonly [Kind in JobKind]: JobRow<Kind> }

export type JobDoors = {
  logs: LogRing
  diagnose(): Promise<object>
  /** Reads the inventory again, and reports it to the hub. */
  refreshInventory(): Promise<Inventory>
  /** Resolves with the end of the new certificate's validity. */
  renewCertificate(signal: AbortSignal): Promise<number>
  collectGarbage(signal: AbortSignal): Promise<Collected>
  /** Stores the configuration, and applies it. Returns the configuration in force. */
  configure(configuration: AgentConfiguration): AgentConfiguration
  /** Measures a version and its builds. Nothing of it is left on the device. */
  bench(command: BenchCommand, signal: AbortSignal): Promise<BenchReport>
  /** Computes the ranges of a model from captured rows. No row is in the answer. */
  calibrate(command: CalibrateCommand, signal: AbortSignal): Promise<RangesReport>
  /** Restarts, stops or starts the containers of an app. Resolves without text. Throws if the device does not run it. */
  control(action: AppOrder['action'], order: Omit<AppOrder, 'action'>, signal: AbortSignal): Promise<string>
  /** Ends this agent, and starts another in its place. Throws if that is impossible. */
  restart(): void
  /** Restarts the machine, or turns it off. Throws if the device does not allow it, or if the machine goes on. */
  power(action: PowerAction, signal: AbortSignal): Promise<never>
}

export const jobKinds = (doors: JobDoors): JobKinds => ({
  'reboot-agent': {
    interrupted: 'reboot',
    run: (_command, signal) =>
      new Promise((_resolve, reject) => {
        // The listener is added before the restart, which may abort the signal at once.
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        doors.restart()
      }),
  },
  'reboot-machine': { interrupted: 'reboot', run: (_command, signal) => doors.power('reboot', signal) },
  // The end of the agent is the order itself; the device reports it when somebody turns the machine on again.
  'shut-down-machine': { interrupted: 'reboot', run: (_command, signal) => doors.power('poweroff', signal) },
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
  // A second restart, stop or start does no harm.
  'restart-app': { interrupted: 'again', run: (command, signal) => doors.control('restart', command, signal) },
  'stop-app': { interrupted: 'again', run: (command, signal) => doors.control('stop', command, signal) },
  'start-app': { interrupted: 'again', run: (command, signal) => doors.control('start', command, signal) },
  'bench-model': {
    interrupted: 'again',
    run: async (command, signal) => JSON.stringify(await doors.bench(command, signal)),
  },
  'calibrate-model': {
    interrupted: 'again',
    run: async (command, signal) => fitted(JSON.stringify(await doors.calibrate(command, signal))),
  },
})

/** A model with so many tensors has a data set of its own. */
function fitted(output: string): string {
  if (Buffer.byteLength(output) <= JOB_OUTPUT_BYTES_MAX) return output
  const message = 'the model has more tensors than one answer of a device holds; calibrate it with a data set instead'
  throw new JobProblem({ code: 'calibration_too_large', message })
}

/** The newest lines that fit. The first line gives the number of omitted ones. */
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

/** The most bytes of the line with the number. */
const OMISSION_BYTES = 100
