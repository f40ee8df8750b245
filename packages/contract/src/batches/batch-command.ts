/**
 * Batch commands: the command that one batch gives to each of its devices. The set is a table. A kind is a row here
 * (its input), one in `apps/agent/src/jobs/job-kinds.ts` (how a device carries it out), and one in
 * `apps/console/src/pages/batches/english-batches.ts` (its name for people).
 */
import * as z from 'zod'
import { ServiceName } from '../apps/app.ts'
import { BenchCommand } from '../builds/bench-command.ts'
import { CalibrateCommand } from '../builds/device-ranges.ts'
import { LOG_LINES_MAX, LogLevel } from '../devices/log-line.ts'
import { Labels, Name } from '../values/names.ts'

/** A command may undo as many labels as a device can have. */
const REMOVED_LABELS_MAX = 64

/** Settings of an agent that override its command line; null restores the command line. They survive restarts. */
export const AgentConfiguration = z.strictObject({
  logLevel: LogLevel.nullable().optional(),
  /**
   * The least time between reports without a change. It is under three report intervals, or the device would count as
   * silent.
   */
  reportIntervalMinSeconds: z.int().min(60).max(150).nullable().optional(),
  /** This part of the disk stays free whatever arrives. A terabyte is more than any device keeps back. */
  diskFreeMinMb: z.int().min(64).max(1_000_000).nullable().optional(),
})
export type AgentConfiguration = z.infer<typeof AgentConfiguration>

const isSome = (value: object) => Object.values(value).some((part) => part !== undefined)

const commands = {
  'reboot-agent': z.strictObject({ kind: z.literal('reboot-agent') }),
  /** Agents up to 0.1.0 reject these two. */
  'reboot-machine': z.strictObject({ kind: z.literal('reboot-machine') }),
  'shut-down-machine': z.strictObject({ kind: z.literal('shut-down-machine') }),
  'collect-logs': z.strictObject({
    kind: z.literal('collect-logs'),
    /** This level and those above. */
    level: LogLevel.default('info'),
    limit: z.int().min(1).max(LOG_LINES_MAX).default(500),
  }),
  'run-diagnostics': z.strictObject({ kind: z.literal('run-diagnostics') }),
  'refresh-inventory': z.strictObject({ kind: z.literal('refresh-inventory') }),
  relabel: z
    .strictObject({
      kind: z.literal('relabel'),
      set: Labels.default({}),
      remove: z.array(z.string().min(1).max(63)).max(REMOVED_LABELS_MAX).default([]),
    })
    .refine(({ set, remove }) => Object.keys(set).length + remove.length > 0, 'name a label to set or to remove'),
  'renew-certificate': z.strictObject({ kind: z.literal('renew-certificate') }),
  'collect-garbage': z.strictObject({ kind: z.literal('collect-garbage') }),
  'set-configuration': z.strictObject({
    kind: z.literal('set-configuration'),
    configuration: AgentConfiguration.refine(isSome, 'name a setting'),
  }),
  'restart-app': z.strictObject({
    kind: z.literal('restart-app'),
    app: Name,
    /** All services if absent. */
    service: ServiceName.optional(),
  }),
  'stop-app': z.strictObject({ kind: z.literal('stop-app'), app: Name }),
  'start-app': z.strictObject({ kind: z.literal('start-app'), app: Name }),
  'bench-model': BenchCommand,
  'calibrate-model': CalibrateCommand,
}

export const BatchCommand = z.discriminatedUnion('kind', [
  commands['reboot-agent'],
  commands['reboot-machine'],
  commands['shut-down-machine'],
  commands['collect-logs'],
  commands['run-diagnostics'],
  commands['refresh-inventory'],
  commands.relabel,
  commands['renew-certificate'],
  commands['collect-garbage'],
  commands['set-configuration'],
  commands['restart-app'],
  commands['stop-app'],
  commands['start-app'],
  commands['bench-model'],
  commands['calibrate-model'],
])
export type BatchCommand = z.infer<typeof BatchCommand>
export type BatchKind = BatchCommand['kind']
export type BatchCommandOf<Kind extends BatchKind> = Extract<BatchCommand, { kind: Kind }>

export const BatchKind = z.enum([
  'reboot-agent',
  'reboot-machine',
  'shut-down-machine',
  'collect-logs',
  'run-diagnostics',
  'refresh-inventory',
  'relabel',
  'renew-certificate',
  'collect-garbage',
  'set-configuration',
  'restart-app',
  'stop-app',
  'start-app',
  'bench-model',
  'calibrate-model',
])

/** Labels are the hub's own records: the device gets no job, and need not be connected. */
export const hubKinds: ReadonlySet<BatchKind> = new Set(['relabel'])

/**
 * Procedures compose these commands, because nobody types digests: see `build.benchCommand` and
 * `build.calibrateCommand`.
 */
export const composedKinds: ReadonlySet<BatchKind> = new Set(['bench-model', 'calibrate-model'])

/** The commands that a person composes. */
export const typedKinds: readonly BatchKind[] = BatchKind.options.filter((kind) => !composedKinds.has(kind))
