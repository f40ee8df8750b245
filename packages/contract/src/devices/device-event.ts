/**
 * Device events: changes of a device, derived from its reports and the hub's own records. The hub keeps the newest 500
 * of each device.
 */
import * as z from 'zod'
import { DeploymentId } from '../values/ids.ts'
import { InstantMs, Labels, Name } from '../values/names.ts'
import { Endpoints } from './device.ts'
import { Cause, ItemState } from './item.ts'

/** 500 events are months of a quiet device and days of one that is rolled out to hourly; one page shows them all. */
export const DEVICE_EVENTS_MAX = 500

/** The state of an item: its target, its progress, and the serving version. */
export const ItemStanding = z.strictObject({
  deploymentId: DeploymentId,
  revision: z.int().min(1),
  version: z.int().min(1),
  retryToken: z.int().min(0),
  state: ItemState,
  cause: Cause.optional(),
  /** When the state began, by the device's clock. */
  sinceMs: InstantMs,
  /** The version that serves; absent when nothing does. */
  serving: z.int().min(1).optional(),
})
export type ItemStanding = z.infer<typeof ItemStanding>

/** The name of the key that did it. */
const by = z.string().max(63)

/**
 * The events of a device. The first six come from comparing a report with the one before it. Reports may be merged, so
 * steps in between may be missing, but never the final state. The others are actions or observations of the hub itself.
 */
export const DeviceChange = z.discriminatedUnion('kind', [
  /** `before` is absent if the item is new, `after` if it is gone. */
  z.strictObject({
    kind: z.literal('item'),
    name: Name,
    before: ItemStanding.omit({ cause: true }).optional(),
    after: ItemStanding.optional(),
  }),
  z.strictObject({ kind: z.literal('condition-raised'), code: Cause.shape.code, message: Cause.shape.message }),
  z.strictObject({ kind: z.literal('condition-cleared'), code: Cause.shape.code }),
  /** The agent has started; `version` is its version. */
  z.strictObject({ kind: z.literal('agent-started'), bootId: z.string(), version: z.string() }),
  z.strictObject({ kind: z.literal('agent-updated'), before: z.string(), after: z.string() }),
  z.strictObject({ kind: z.literal('endpoints'), endpoints: Endpoints }),
  /** The device works on another generation than before. */
  z.strictObject({ kind: z.literal('generation'), before: z.int().min(0), after: z.int().min(0) }),

  /** It was silent for longer than three report intervals. The hub learns this only when it reports again. */
  z.strictObject({ kind: z.literal('heard-again'), silentSinceMs: InstantMs }),
  z.strictObject({ kind: z.literal('joined'), site: Name, isPending: z.boolean() }),
  z.strictObject({ kind: z.literal('approved'), by }),
  /** Its certificate was used in two places at once. */
  z.strictObject({ kind: z.literal('duplicated'), kept: z.string(), other: z.string() }),
  z.strictObject({ kind: z.literal('denied'), by, reason: z.string() }),
  z.strictObject({ kind: z.literal('revoked'), by, reason: z.string() }),
  z.strictObject({ kind: z.literal('certified'), serial: z.string(), notAfterMs: InstantMs }),
  z.strictObject({ kind: z.literal('relabelled'), by, set: Labels, removed: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('conflict-paused'), reported: z.int().min(0), issued: z.int().min(0) }),
  z.strictObject({ kind: z.literal('resumed'), by, reason: z.string() }),
  z.strictObject({ kind: z.literal('quarantined'), by, reason: z.string() }),
  z.strictObject({ kind: z.literal('released'), by, reason: z.string() }),
  z.strictObject({ kind: z.literal('wipe-ordered'), by, reason: z.string() }),
  /** It has begun to delete everything, and cannot stop. */
  z.strictObject({ kind: z.literal('wiped') }),
  z.strictObject({ kind: z.literal('retry-asked'), by, deployment: Name }),
])
export type DeviceChange = z.infer<typeof DeviceChange>

export const DeviceEventKind = z.enum([
  'item',
  'condition-raised',
  'condition-cleared',
  'agent-started',
  'agent-updated',
  'endpoints',
  'generation',
  'heard-again',
  'joined',
  'approved',
  'duplicated',
  'denied',
  'revoked',
  'certified',
  'relabelled',
  'conflict-paused',
  'resumed',
  'quarantined',
  'released',
  'wipe-ordered',
  'wiped',
  'retry-asked',
])
export type DeviceEventKind = z.infer<typeof DeviceEventKind>

export const DeviceEvent = z.strictObject({
  /** Rises by one with each event of the device. */
  sequence: z.int().min(1),
  /** The time of the report or the action, by the hub's clock. */
  atMs: InstantMs,
  change: DeviceChange,
})
export type DeviceEvent = z.infer<typeof DeviceEvent>
