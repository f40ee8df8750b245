/**
 * Connections: the sources and sinks that belong to places. A person sets one at the hub for the organisation, a site
 * or a device, like a secret. If several have one kind and name, the most specific applies on a device: its own, its
 * site's, the organisation's. The hub stores the spec as it was written, so that a device of another version reads it
 * with its own defaults. It never contains passwords: it names secrets.
 */
import * as z from 'zod'
import { Liveness } from '../devices/device.ts'
import { Cause } from '../devices/item.ts'
import { DeviceScope } from '../secrets/secret.ts'
import { LOSSES_SHOWN_MAX, Loss } from '../sinks/sink-loss.ts'
import { Digest } from '../values/digest.ts'
import { ConnectionId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'

export const ConnectionKind = z.enum(['source', 'sink'])
export type ConnectionKind = z.infer<typeof ConnectionKind>

/** The owner of a connection, as of secrets. */
export const ConnectionScope = DeviceScope
export type ConnectionScope = z.infer<typeof ConnectionScope>

/** 100,000 tags, the most of a source, with all their fields stay under it. */
export const SPEC_BYTES_MAX = 32 * 1024 * 1024

/** The most of one kind, of one organisation, site or device: each source is a thread on a device. */
export const CONNECTIONS_MAX = 64

/** All of one owner. A device has at most three times as much on its disk. */
export const CONNECTIONS_BYTES_MAX = 128 * 1024 * 1024

/**
 * A device has its own, its site's and its organisation's, of both kinds: 384 names with their digests are under 100
 * kB.
 */
export const DEVICE_CONNECTIONS_MAX = 6 * CONNECTIONS_MAX

/** The number of affected devices that are named; the count is of all. */
export const REACHED_SHOWN = 100

/**
 * The spec as a person wrote it. connection-spec.ts checks it with knowledge of the protocols, which clients need not
 * load.
 */
export const ConnectionSpec = z.looseObject({ name: Name })
export type ConnectionSpec = z.infer<typeof ConnectionSpec>

/** The state of a connection on a device. `refused`: the device cannot run the spec; the cause says why. */
export const ConnectionState = z.enum(['connecting', 'up', 'down', 'crashed', 'quarantined', 'refused'])
export type ConnectionState = z.infer<typeof ConnectionState>

/** The reports of all devices on one connection, as a sum. A silent device counts as silent only. */
export const ConnectionReports = z.strictObject({
  /** Devices that report now, by the state of the connection there. */
  states: z.partialRecord(ConnectionState, z.int().min(1)),
  /** Devices whose last report of it is old: its state there is unknown. */
  silent: z.int().min(0),
  /** The sum over the devices that report now. */
  valuesPerSecond: z.number().min(0),
  /** The newest problem on a device that reports now. */
  trouble: z
    .strictObject({
      device: Name,
      state: ConnectionState,
      sinceMs: InstantMs,
      message: z.string().max(1_000).optional(),
    })
    .optional(),
})
export type ConnectionReports = z.infer<typeof ConnectionReports>

/** The facts of a connection without its spec. */
export const Connection = z.strictObject({
  id: ConnectionId,
  name: Name,
  scope: ConnectionScope,
  /** The protocol, such as `modbus`. */
  protocol: z.string().max(63),
  /** How many tags it has; absent of a sink. */
  tags: z.int().min(0).optional(),
  /** The version number rises with each change. */
  version: z.int().min(1),
  /** The digest of its spec. */
  digest: Digest,
  sizeBytes: z.int().min(1),
  createdAtMs: InstantMs,
  updatedAtMs: InstantMs,
  /** The name of the person or key that set it last. */
  updatedBy: z.string(),
  /** In lists: the reports of the devices on it. Older hubs do not send it. */
  reports: ConnectionReports.optional(),
})
export type Connection = z.infer<typeof Connection>

/** The effect that setting would have. */
export const ConnectionPlan = z.strictObject({
  change: z.enum(['created', 'changed', 'unchanged']),
  /** The version that it would have. */
  version: z.int().min(1),
  /**
   * The devices that would start, change or keep it: those of its scope, without those on which a more specific one
   * applies.
   */
  devices: z.strictObject({ count: z.int().min(0), names: z.array(Name).max(REACHED_SHOWN) }),
  /** The devices of its scope on which a more specific one applies. */
  overridden: z.strictObject({ count: z.int().min(0), names: z.array(Name).max(REACHED_SHOWN) }),
})
export type ConnectionPlan = z.infer<typeof ConnectionPlan>

export const ConnectionStatus = z.object({
  kind: ConnectionKind,
  name: Name,
  /** The digest of the running spec. */
  digest: Digest,
  state: ConnectionState,
  sinceMs: InstantMs,
  cause: Cause.optional(),
  figures: z
    .object({
      /** Values of the last seconds, as a rate. */
      valuesPerSecond: z.number().min(0),
      /**
       * Since it was started: rounds, skipped rounds, values that were lost because no reader took them, ends of its
       * thread within ten minutes.
       */
      rounds: z.int().min(0),
      skipped: z.int().min(0),
      lost: z.int().min(0),
      crashes: z.int().min(0),
      /** For a sink: the values in its queue. `rounds` are its batches. */
      waiting: z.int().min(0).optional(),
      waitingBytes: z.int().min(0).optional(),
      /** For how long the oldest of it has waited. */
      oldestMs: z.int().min(0).optional(),
      /**
       * For a sink: the lost values of its queue since the queue was created. `lost` includes them, and values that did
       * not reach the queue.
       */
      losses: z.array(Loss).max(LOSSES_SHOWN_MAX).optional(),
    })
    .optional(),
})
export type ConnectionStatus = z.infer<typeof ConnectionStatus>

/** How the queue does that waits for the hub: each device has one as soon as it has something for the hub. */
export const HubQueueStatus = ConnectionStatus.omit({ kind: true, name: true, digest: true })
export type HubQueueStatus = z.infer<typeof HubQueueStatus>

/** The connections that a device should run, and their state there. */
export const DeviceConnections = z.strictObject({
  device: Name,
  connections: z.array(Connection).max(DEVICE_CONNECTIONS_MAX),
  /** current: it has reported exactly these. behind: it has not yet. none: there are none for it, and it has none. */
  state: z.enum(['current', 'behind', 'none']),
  /** The last report of the device, and its time. */
  running: z.array(ConnectionStatus).max(DEVICE_CONNECTIONS_MAX),
  /** The queue of values for the hub itself. */
  hubQueue: HubQueueStatus.optional(),
  saidAtMs: InstantMs.optional(),
  /** Whether the device reports now, and its last report of any kind. Older hubs do not send them. */
  liveness: Liveness.optional(),
  lastSeenAtMs: InstantMs.optional(),
})
export type DeviceConnections = z.infer<typeof DeviceConnections>
