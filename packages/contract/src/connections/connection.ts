/**
 * Connections: the sources and sinks that belong to places. One is set at the hub for the organisation, a site or a device, as a secret is; of several of
 * one kind and name the most specific counts on a device: its own, its site's, the organisation's. What it says is kept as it was written, so that a device
 * of another version reads it with its own defaults. Passwords are never in it: it names secrets.
 */
import * as z from 'zod'
import { Cause } from '../devices/item.ts'
import { SecretScope } from '../secrets/secret.ts'
import { LOSSES_SHOWN_MAX, Loss } from '../sinks/sink-loss.ts'
import { Digest } from '../values/digest.ts'
import { ConnectionId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'

export const ConnectionKind = z.enum(['source', 'sink'])
export type ConnectionKind = z.infer<typeof ConnectionKind>

/** Whose it is, as of secrets. */
export const ConnectionScope = SecretScope
export type ConnectionScope = z.infer<typeof ConnectionScope>

/** 100,000 tags, the most of a source, with all that can be said of each stay under it. */
export const SPEC_BYTES_MAX = 32 * 1024 * 1024

/** Of one kind, of one organisation, site or device: each source is a thread on a device. */
export const CONNECTIONS_MAX = 64

/** All of one owner. A device has at most three times as much on its disk. */
export const CONNECTIONS_BYTES_MAX = 128 * 1024 * 1024

/** A device has its own, its site's and its organisation's, of both kinds: 384 names with their digests are under 100 kB. */
export const DEVICE_CONNECTIONS_MAX = 6 * CONNECTIONS_MAX

/** So many devices are named of those that a change reaches; the count is of all. */
export const REACHED_SHOWN = 100

/** As a person wrote it. What is right in it is looked at by whoever knows the protocols (connection-spec.ts), which clients need not load. */
export const ConnectionSpec = z.looseObject({ name: Name })
export type ConnectionSpec = z.infer<typeof ConnectionSpec>

/** What is known of a connection without what it says. */
export const Connection = z.strictObject({
  id: ConnectionId,
  name: Name,
  scope: ConnectionScope,
  /** What it speaks, such as `modbus`. */
  protocol: z.string().max(63),
  /** How many tags it has; absent of a sink. */
  tags: z.int().min(0).optional(),
  /** Rises with each change. */
  version: z.int().min(1),
  /** Of what it says. */
  digest: Digest,
  sizeBytes: z.int().min(1),
  createdAtMs: InstantMs,
  updatedAtMs: InstantMs,
  /** The name of whoever set it last. */
  updatedBy: z.string(),
})
export type Connection = z.infer<typeof Connection>

/** What setting would do. */
export const ConnectionPlan = z.strictObject({
  change: z.enum(['created', 'changed', 'unchanged']),
  /** The version that it would have. */
  version: z.int().min(1),
  /** The devices that would start, change or go on with it: those of its scope, without those that something more specific counts on. */
  devices: z.strictObject({ count: z.int().min(0), names: z.array(Name).max(REACHED_SHOWN) }),
  /** Those of its scope on which something more specific counts. */
  overridden: z.strictObject({ count: z.int().min(0), names: z.array(Name).max(REACHED_SHOWN) }),
})
export type ConnectionPlan = z.infer<typeof ConnectionPlan>

/** How a connection does on a device. `refused`: the device cannot run what it says; the cause says why. */
export const ConnectionState = z.enum(['connecting', 'up', 'down', 'crashed', 'quarantined', 'refused'])
export type ConnectionState = z.infer<typeof ConnectionState>

export const ConnectionStatus = z.object({
  kind: ConnectionKind,
  name: Name,
  /** Of what runs. */
  digest: Digest,
  state: ConnectionState,
  sinceMs: InstantMs,
  cause: Cause.optional(),
  figures: z
    .object({
      /** Told in the last seconds. */
      valuesPerSecond: z.number().min(0),
      /** Since it was started: rounds, those that were left out, values that nobody took, ends of its thread within ten minutes. */
      rounds: z.int().min(0),
      skipped: z.int().min(0),
      lost: z.int().min(0),
      crashes: z.int().min(0),
      /** Of a sink: what is in its queue. `rounds` are its batches. */
      waiting: z.int().min(0).optional(),
      waitingBytes: z.int().min(0).optional(),
      /** For how long the oldest of it has waited. */
      oldestMs: z.int().min(0).optional(),
      /** Of a sink: what of its queue will never arrive, since that was made. `lost` counts this too, and what did not reach the queue. */
      losses: z.array(Loss).max(LOSSES_SHOWN_MAX).optional(),
    })
    .optional(),
})
export type ConnectionStatus = z.infer<typeof ConnectionStatus>

/** How the queue does that waits for the hub: each device has one as soon as it has something for the hub. */
export const HubQueueStatus = ConnectionStatus.omit({ kind: true, name: true, digest: true })
export type HubQueueStatus = z.infer<typeof HubQueueStatus>

/** What a device should run, and how that does there. */
export const DeviceConnections = z.strictObject({
  device: Name,
  connections: z.array(Connection).max(DEVICE_CONNECTIONS_MAX),
  /** current: it has said that it has just these. behind: it has not, yet. none: there are none for it, and it has none. */
  state: z.enum(['current', 'behind', 'none']),
  /** What it said last, and when. */
  running: z.array(ConnectionStatus).max(DEVICE_CONNECTIONS_MAX),
  /** Of sinks: what waits for the hub itself. */
  hubQueue: HubQueueStatus.optional(),
  saidAtMs: InstantMs.optional(),
})
export type DeviceConnections = z.infer<typeof DeviceConnections>
