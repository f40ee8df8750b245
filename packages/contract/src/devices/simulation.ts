/** Simulation: what "skerry simulate" and the process that simulates devices say to each other, over a pipe on one machine. */
import * as z from 'zod'

/** How a simulated device differs from one that always works; for help and errors, with what it means. */
export const BEHAVIOURS = {
  slow: 'each step takes it seconds',
  flaky: 'drops its link every minute or so',
  offline: 'is offline for minutes, most of the time',
  failing: 'cannot load any version but its first',
  mismatch: 'gets other golden outputs with any version but its first',
  skewed: 'has a clock that is wrong by hours',
  duplicating: 'sends each report twice',
  late: 'sends each report seconds late',
  rebooting: 'loses its power every minute or so',
} as const

export type Behaviour = keyof typeof BEHAVIOURS
export const Behaviour = z.enum(Object.keys(BEHAVIOURS) as [Behaviour, ...Behaviour[]])

/** Of each behaviour, the share of the fleet that has it. */
export const BehaviourShares = z.partialRecord(Behaviour, z.number().min(0).max(1))
export type BehaviourShares = z.infer<typeof BehaviourShares>

/** Connections of one process: Linux usually allows 20,000 open files, and the simulator needs some itself. */
export const SIMULATED_DEVICES_MAX = 19_000

export const SimulationTask = z.strictObject({
  /** Join tokens, one for each site; device n takes token n modulo their number. */
  tokens: z.array(z.string()).min(1).max(1_000),
  devices: z.int().min(1).max(SIMULATED_DEVICES_MAX),
  /** Stands in the devices' names. */
  run: z.string().regex(/^[a-z0-9]{1,16}$/),
  /** The same seed makes the same fleet do the same. */
  seed: z.int().min(0),
  shares: BehaviourShares,
  /** Versions that no device can load, as `model:version`. */
  failingVersions: z.array(z.string().max(80)).max(64),
  /** Connections that are on their way at a time. */
  atOnce: z.int().min(1).max(10_000),
})
export type SimulationTask = z.infer<typeof SimulationTask>

const count = z.int().min(0)
const counts = z.record(z.string(), count)
const ms = z.number().min(0)

/** What has happened so far. Durations are known to within 5 %. */
export const SimulationFigures = z.strictObject({
  connects: count,
  /** Tries that failed, by code. */
  connectFailures: counts,
  /** Links that ended, by reason. */
  drops: counts,
  reports: count,
  reportFailures: counts,
  /** Desired documents that arrived. */
  documents: count,
  /** From the beginning until each device had been heard once, or could not connect. */
  connectMs: ms.optional(),
  connectP50Ms: ms.optional(),
  connectP99Ms: ms.optional(),
  reportP50Ms: ms.optional(),
  reportP99Ms: ms.optional(),
  reportMaxMs: ms.optional(),
  /** By `model:version`. Instants are by the simulator's monotonic clock. */
  versions: z.record(
    z.string(),
    z.strictObject({
      offered: count,
      firstOfferMs: ms,
      lastOfferMs: ms,
      active: count,
      lastActiveMs: ms,
      failed: count,
    }),
  ),
  /** By the id of the batch. */
  jobs: z.record(
    z.string(),
    z.strictObject({
      begun: count,
      firstMs: ms,
      lastMs: ms,
      succeeded: count,
      failed: count,
      cancelled: count,
    }),
  ),
})
export type SimulationFigures = z.infer<typeof SimulationFigures>

/** How many devices stand how, at one moment. */
export const SimulationCensus = z.strictObject({
  devices: count,
  connected: count,
  /** Connected, heard, and where the hub wants them, with every item decided. */
  agreed: count,
})
export type SimulationCensus = z.infer<typeof SimulationCensus>

/** What the simulator says. It ends when the pipe is closed. */
export const SimulationNews = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({ kind: z.literal('joining'), joined: count }),
  z.strictObject({ kind: z.literal('state'), census: SimulationCensus, figures: SimulationFigures, rssBytes: count }),
  /** It was told to stop, and goes. */
  z.strictObject({ kind: z.literal('ended'), figures: SimulationFigures }),
  z.strictObject({ kind: z.literal('failed'), code: z.string(), message: z.string() }),
])
export type SimulationNews = z.infer<typeof SimulationNews>

/** What it is told. */
export const SimulationOrder = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('run'), task: SimulationTask }),
  z.strictObject({ kind: z.literal('stop') }),
])
export type SimulationOrder = z.infer<typeof SimulationOrder>
