/** Device events: what became different about a device, as its reports and the hub's own records tell it. Newest 500 of each device. */
import * as z from 'zod'
import { DeploymentId } from '../values/ids.ts'
import { InstantMs, Labels, Name } from '../values/names.ts'
import { Endpoints } from './device.ts'
import { Cause, ItemState } from './item.ts'

/** 500 events are months of a quiet device and days of one that is rolled out to hourly; one page shows them all. */
export const DEVICE_EVENTS_MAX = 500

/** Where an item stood: what it was on its way to, how far, and what answered requests. */
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

/** Who did it: the name of a key. */
const by = z.string().max(63)

/**
 * What happened. The first six come from comparing a report with the one before it: reports are coalesced, so steps in between may be
 * missing, and never the end. The others are what the hub did or saw itself.
 */
export const DeviceChange = z.discriminatedUnion('kind', [
  /** `before` is absent where the item is new, `after` where it is gone. */
  z.strictObject({
    kind: z.literal('item'),
    model: Name,
    before: ItemStanding.omit({ cause: true }).optional(),
    after: ItemStanding.optional(),
  }),
  z.strictObject({ kind: z.literal('condition-raised'), code: Cause.shape.code, message: Cause.shape.message }),
  z.strictObject({ kind: z.literal('condition-cleared'), code: Cause.shape.code }),
  /** The agent started anew; `version` is what it is. */
  z.strictObject({ kind: z.literal('agent-started'), bootId: z.string(), version: z.string() }),
  z.strictObject({ kind: z.literal('agent-updated'), before: z.string(), after: z.string() }),
  z.strictObject({ kind: z.literal('endpoints'), endpoints: Endpoints }),
  /** The device works on another generation than before. */
  z.strictObject({ kind: z.literal('generation'), before: z.int().min(0), after: z.int().min(0) }),

  /** It was silent for longer than three reports are apart. Known only now that it is heard again. */
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
  /** It has begun to delete everything, and cannot go back. */
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
  /** When the hub heard or did it, by the hub's clock. */
  atMs: InstantMs,
  change: DeviceChange,
})
export type DeviceEvent = z.infer<typeof DeviceEvent>
