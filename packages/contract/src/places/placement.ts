/**
 * Placement: the policy by which the hub chooses devices for a deployment, among those that its selector picks. Rules
 * exclude devices; preferences order the rest. `core/places/place.ts` is the one function that decides.
 */
import * as z from 'zod'
import { Scaling } from '../scaling/scaling.ts'
import { SiteKind, SiteSpec } from '../sites/site.ts'
import { Clearance } from '../values/clearance.ts'
import { DeviceId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'

/** Groups of countries; `core/places/residency.ts` has their members. */
export const CountryGroup = z.enum(['EU', 'EEA', 'DACH', 'NORDICS', 'USMCA'])
export type CountryGroup = z.infer<typeof CountryGroup>

/** [ISO 3166-1 alpha-2] A country, or a group of countries. `EU` is a group. */
export const Residency = z
  .string()
  .refine(
    (name) => /^[A-Z]{2}$/.test(name) || CountryGroup.safeParse(name).success,
    `must be a country such as DE, or one of ${CountryGroup.options.join(', ')}`,
  )

/** A score adds this much at most for each preference, so that weights can be compared. */
const Weight = z.int().min(0).max(100)

export const Placement = z.strictObject({
  /** The class of the data that the model reads: a site needs this clearance, or a higher one. */
  dataClass: Clearance.optional(),
  /** The data stays in these countries. A site without a country is excluded. 50 names are more than any law has. */
  residency: z.array(Residency).min(1).max(50).optional(),
  /** The purpose of the processing: the label `purposes` of the site or device must name it. */
  purpose: Name.optional(),
  /** `no`: a device whose line costs by the byte gets no replica. A device that does not know its line may get one. */
  metered: z.enum(['no']).optional(),
  /** Another deployment: none of its devices gets a replica, such as for two halves of a redundant pair. */
  apart: Name.optional(),
  /** Another deployment: devices near its replicas are better. The weight `near` says how much. */
  near: Name.optional(),
  /**
   * `all`: each device that the rules allow. `per-site`: one at each site. A number: that many devices. 10,000 replicas
   * are more than any fleet of ours has.
   */
  replicas: z.union([z.enum(['all', 'per-site']), z.int().min(1).max(10_000)]).default('all'),
  /**
   * Kinds of sites in the order in which they are filled: the next kind gets only what the ones before cannot hold. When
   * they have room again, the replicas return. A kind that is not named is excluded. All kinds are equal if absent.
   */
  order: z
    .array(SiteKind)
    .min(1)
    .max(SiteKind.options.length)
    .refine((kinds) => new Set(kinds).size === kinds.length, 'names a kind of site twice')
    .optional(),
  /** Replicas go to different sites, or to sites in different countries, as long as there are enough of them. */
  spread: z.enum(['site', 'country']).optional(),
  /** How much each fact counts, from 0 to 100. */
  weights: z
    .strictObject({
      /** The label `cost` of the site or device: a number per hour, in any one currency. Less is better. */
      cost: Weight.default(50),
      /** The label `latency-ms` of the site or device: milliseconds to the callers. Less is better. */
      latency: Weight.default(50),
      /** Deployments that a device has already. Fewer is better. */
      load: Weight.default(20),
      /** The label `cost-per-request` of the site or device: a number, in the same currency. Less is better. */
      request: Weight.optional(),
      /** The label `energy-watts` of the site or device. Less is better. */
      energy: Weight.optional(),
      /** The label `bandwidth-mbps` of the site or device, or the measured downloads of the device. More is better. */
      bandwidth: Weight.optional(),
      /** The label `loss-percent` of the site or device, or the loss that the device measured. Less is better. */
      loss: Weight.optional(),
      /** Whether the line costs by the byte, as the label `metered` says or the device knows. Free lines are better. */
      metered: Weight.optional(),
      /** The distance to the replicas of the deployment `near`; 50 if it is absent. */
      near: Weight.optional(),
    })
    .prefault({}),
  /**
   * A device that the hub has not heard for this time is replaced. A minute and a half by default: a restart of an agent
   * takes less.
   */
  failoverSeconds: z.int().min(10).max(604_800).default(90),
  /**
   * Replicas that may move in an hour because another device is better. Moves after a failure or a broken rule do not
   * count. A move costs a transfer and a start.
   */
  movesPerHour: z.int().min(0).max(10_000).default(10),
  /**
   * The number of replicas follows the load by this policy; then `replicas` is the number at the start, if it is a
   * number. Nobody could wake a placement without a replica. Hubs up to 0.1.0 reject it.
   */
  scaling: Scaling.refine(({ min }) => min >= 1, { path: ['min'], error: 'must be at least 1 replica' }).optional(),
})
export type Placement = z.infer<typeof Placement>

/**
 * Why a device is picked or not. `picked`: it runs a replica. `leaving`: it serves until its successor is active.
 * `standby`: the rules allow it, and enough others are better. `device_reserved`: another deployment can have no other device,
 * and this one can. The others are the rules that exclude it.
 */
export const PlaceVerdict = z.enum([
  'picked',
  'leaving',
  'standby',
  'clearance_too_low',
  'residency_violated',
  'kind_excluded',
  'device_silent',
  'device_full',
  'purpose_excluded',
  'apart_violated',
  'device_reserved',
  'metered_excluded',
])
export type PlaceVerdict = z.infer<typeof PlaceVerdict>

export const PlacedDevice = z.strictObject({
  id: DeviceId,
  device: Name,
  site: Name,
  country: z.string().optional(),
  verdict: PlaceVerdict,
  /** Words for people. */
  reason: z.string(),
  /** From 0 to 100; the higher, the better. Absent if a rule excludes the device. */
  score: z.number().optional(),
  /** Since when it has a replica; absent if it has none. */
  sinceMs: InstantMs.optional(),
  /** Per hour, in any one currency: the label `cost`. Absent if nobody states it. */
  costPerHour: z.number().min(0).optional(),
  /** Milliseconds to the callers by the label `latency-ms`, or to the hub as the device measured it. */
  latencyMs: z.number().min(0).optional(),
})
export type PlacedDevice = z.infer<typeof PlacedDevice>

/** The cost of replicas. Devices that state no cost are counted apart, because unknown is not free. */
export const PlacementCost = z.strictObject({ perHour: z.number().min(0), unpriced: z.int().min(0) })
export type PlacementCost = z.infer<typeof PlacementCost>

/** The decision on a deployment at this moment. Picked devices come first, then the best of the others; counts are exact. */
export const PlacementDecision = z.strictObject({
  deployment: Name,
  policy: Placement,
  /** The replicas that the policy asks for, and the number of them that no device can hold. */
  wanted: z.int().min(0),
  unmet: z.int().min(0),
  /** Of the picked devices. Older hubs do not send it. */
  cost: PlacementCost.optional(),
  counts: z.partialRecord(PlaceVerdict, z.int().min(1)),
  /** Devices that the selector, or another check of deployments, excludes. */
  unselected: z.int().min(0),
  devices: z.array(PlacedDevice).max(500),
})
export type PlacementDecision = z.infer<typeof PlacementDecision>

/** A change of the world that a person wants to try out. */
export const WhatIf = z.union([
  /** The site is gone. */
  z.strictObject({ siteDown: Name }),
  /** The device is gone. */
  z.strictObject({ deviceDown: Name }),
  /** Another policy, as far as it is stated. */
  z.strictObject({ residency: Placement.shape.residency.unwrap() }),
  z.strictObject({ dataClass: Clearance }),
  z.strictObject({ replicas: Placement.shape.replicas.unwrap() }),
  /** The load is so many times the present one. Each replica bears as much as now, so more replicas are wanted. */
  z.strictObject({ load: z.number().min(0.01).max(1_000) }),
  /** Another clearance or another country of a site. */
  z.strictObject({ ofSite: Name, clearance: Clearance }),
  z.strictObject({ ofSite: Name, country: SiteSpec.shape.country.unwrap() }),
  /** So many further devices, as one of the devices of this class of hardware is: `x64-vnni`, or exactly `x64-vnni-4c`. */
  z.strictObject({
    addDevices: z.int().min(1).max(1_000),
    hardwareClass: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be a class of hardware such as x64-vnni'),
  }),
  /** So many further devices at the site, as its other devices are. */
  z.strictObject({ addDevices: z.int().min(1).max(1_000), site: Name }),
])
export type WhatIf = z.infer<typeof WhatIf>

export const WhatIfAnswer = z.strictObject({
  deployment: Name,
  wanted: z.int().min(0),
  unmetNow: z.int().min(0),
  unmetThen: z.int().min(0),
  costNow: PlacementCost.optional(),
  costThen: PlacementCost.optional(),
  /** Devices that would get a replica, and devices that would lose theirs, with the reasons. */
  gained: z.array(PlacedDevice).max(500),
  lost: z.array(PlacedDevice).max(500),
})
export type WhatIfAnswer = z.infer<typeof WhatIfAnswer>
