/** Devices: managed computers, how they join, and the known facts about them. */
import * as z from 'zod'
import { kinds, VersionKind } from '../kinds/kinds.ts'
import { DeviceLine, SentLine, SentStatedPlace, StatedPlace } from '../places/device-place.ts'
import { DeviceResidency } from '../scaling/residency.ts'
import { DeviceId, SiteId } from '../values/ids.ts'
import { InstantMs, Labels, Name } from '../values/names.ts'
import { DeviceItem } from './device-item.ts'
import { Cause, ITEMS_MAX, ItemState } from './item.ts'

/** Each deployable kind needs one: an agent that does not name it is never offered a version of that kind. */
export const Capability = z.enum([...VersionKind.options.map((kind) => kinds[kind].capability), 'kubernetes'])
export type Capability = z.infer<typeof Capability>

/** Sets of instructions that decide how fast a processor multiplies small numbers. */
export const InstructionSet = z.enum(['avx2', 'avx512', 'vnni', 'amx', 'neon', 'dotprod', 'i8mm', 'sve'])
export type InstructionSet = z.infer<typeof InstructionSet>

/** Parts beside the processor that can run models, by the device file through which programs reach them. */
export const Accelerator = z.enum(['nvidia', 'gpu', 'npu', 'tpu'])
export type Accelerator = z.infer<typeof Accelerator>

/** The part of the inventory that decides which build of a model runs best. */
export const Hardware = z.strictObject({
  instructions: z.array(InstructionSet).max(InstructionSet.options.length),
  accelerators: z.array(Accelerator).max(Accelerator.options.length),
  /** The container runtime that the agent can reach; absent if there is none. */
  containers: z.enum(['docker', 'podman', 'containerd']).optional(),
  /** The agent hides some instruction sets (`--hardware-mask`), so its measurements would be of another class. */
  masked: z.literal(true).optional(),
})
export type Hardware = z.infer<typeof Hardware>

/** An app whose server loads the files of hosted models; a loaded release of it. */
export const DeviceRuntime = z.object({ app: Name, version: z.int().min(1) })
export type DeviceRuntime = z.infer<typeof DeviceRuntime>

/** More runtimes, with a release before an update of each, than a device has. */
const RUNTIMES_MAX = 64

/** The facts of the machine; sent when it joins, and on each change. */
export const Inventory = z.strictObject({
  hostname: z.string().max(253),
  arch: z.string().max(32),
  os: z.string().max(64),
  cpuModel: z.string().max(128),
  cpuCount: z.int().min(1).max(4_096),
  memoryBytes: z.int().min(0),
  diskFreeBytes: z.int().min(0),
  capabilities: z.array(Capability).max(16),
  /** Highest opset of the default ONNX domain that the device's runtime loads. */
  opsetMax: z.int().min(1).max(1_000),
  /** Absent from older agents. */
  hardware: Hardware.optional(),
  /**
   * The device speaks DDI and has no agent, so the hub wrote its report. It knows none of the numbers of the machine,
   * and shows none.
   */
  ddi: z.literal(true).optional(),
  /** The line to the hub. Absent from agents up to 0.1.0, and while nothing is known of it. */
  line: DeviceLine.optional(),
  /** Absent from agents up to 0.1.0, and if the operator states nothing. */
  stated: StatedPlace.optional(),
  /** Absent from agents up to 0.2.0, and without such apps. */
  runtimes: z.array(DeviceRuntime).max(RUNTIMES_MAX).optional(),
})
export type Inventory = z.infer<typeof Inventory>

/** A newer agent may know further words. */
const Words = z.array(z.string().max(32)).max(32)

const known = <Word extends string>(schema: z.ZodType<Word>, words: readonly string[]): Word[] =>
  words.map((word) => schema.safeParse(word).data).filter((word) => word !== undefined)

/** The inventory as a device sends it. A newer agent may tell more, and do more than this hub can deploy. */
export const SentInventory = Inventory.strip().extend({
  capabilities: z
    .array(z.string().max(32))
    .max(16)
    .transform((names) => names.map((name) => Capability.safeParse(name).data).filter((name) => name !== undefined)),
  hardware: z
    .object({
      instructions: Words,
      accelerators: Words,
      containers: z.string().max(32).optional(),
      masked: z.boolean().optional(),
    })
    .transform(({ instructions, accelerators, containers, masked }): Hardware => {
      const runtime = Hardware.shape.containers.safeParse(containers).data
      return {
        instructions: known(InstructionSet, instructions),
        accelerators: known(Accelerator, accelerators),
        ...(runtime && { containers: runtime }),
        ...(masked && { masked }),
      }
    })
    .optional(),
  line: SentLine,
  stated: SentStatedPlace,
})

/** The addresses at which applications near the device reach its models. */
export const Endpoints = z.strictObject({
  rest: z.url().max(300).optional(),
  grpc: z.string().max(300).optional(),
  /** Where gateways reach the REST server, as a person declared it. Absent from agents up to 0.1.0. */
  serve: z.url().max(300).optional(),
})
export type Endpoints = z.infer<typeof Endpoints>

/**
 * pending: waits for a person's approval.
 * active: works.
 * conflict-paused: reports a newer intent than this hub ever issued (a hub restored from a backup), so nothing is
 * offered until a person resumes it.
 * quarantined: a person does not trust it for now. It continues to serve its versions, its reports count, and it gets
 * nothing new until it is released.
 * wiping: a person has ordered that it delete everything, and its certificate is valid only for receiving that order.
 * wiped: it has begun to delete, and is rejected like a revoked one.
 * revoked: its certificate is rejected.
 */
export const DeviceStatus = z.enum([
  'pending',
  'active',
  'conflict-paused',
  'quarantined',
  'revoked',
  'wiping',
  'wiped',
])
export type DeviceStatus = z.infer<typeof DeviceStatus>

/** Whether the device reports: `stale` when it has been silent for longer than three report intervals. */
export const Liveness = z.enum(['online', 'stale', 'never'])
export type Liveness = z.infer<typeof Liveness>

/**
 * The state of a device in one word; the first that fits counts, so that each device has exactly one.
 *
 * revoked (or wiped), pending, quarantined (or being wiped): as its status.
 * never, stale: its present state is not known.
 * failed: a model failed and nothing serves under its name.
 * degraded: it works, but not as intended (an older version serves, it reports a condition, or it waits for a person).
 * moving: on its way.
 */
export const DeviceHealth = z.enum([
  'revoked',
  'pending',
  'quarantined',
  'never',
  'stale',
  'failed',
  'degraded',
  'moving',
  'healthy',
])
export type DeviceHealth = z.infer<typeof DeviceHealth>

/**
 * goodbye: the agent announced that it stops. closed: the connection ended without notice. hub: the hub that had the
 * link ended.
 */
export const LinkEnd = z.enum(['goodbye', 'closed', 'hub'])
export type LinkEnd = z.infer<typeof LinkEnd>

/**
 * Whether the device is connected now; "liveness" is about its reports, and notices silence only after three of them.
 */
export const DeviceLink = z.strictObject({
  connected: z.boolean(),
  /** Absent for a device that has never been connected. */
  sinceMs: InstantMs.optional(),
  /** How the last link ended. */
  ended: LinkEnd.optional(),
})
export type DeviceLink = z.infer<typeof DeviceLink>

/** A version on a device, in a list of devices. */
export const DeviceModel = z.strictObject({
  name: Name,
  /** The target, also if it failed there. */
  version: z.int().min(1),
  state: ItemState,
  /** The version that answered requests in the newest report; absent if none did. */
  serving: z.int().min(1).optional(),
  /** The recipe of the build that answered them; absent if the version itself did. Hubs up to 0.1.0 do not send it. */
  build: z.string().max(63).optional(),
})
export type DeviceModel = z.infer<typeof DeviceModel>

/** A row of a list names two or three. More would make a page of 500 devices large, and one device has all of them. */
export const LISTED_MODELS_MAX = 8

/** The machine's facts that a list of devices shows. */
export const Machine = Inventory.pick({ arch: true, os: true, cpuModel: true, cpuCount: true, memoryBytes: true })
export type Machine = z.infer<typeof Machine>

export const Device = z.strictObject({
  id: DeviceId,
  name: Name,
  siteId: SiteId,
  site: Name,
  labels: Labels,
  revision: z.int().min(1),
  status: DeviceStatus,
  liveness: Liveness,
  link: DeviceLink,
  /** Absent in the answer to a change, which does not include the device's reports. */
  health: DeviceHealth.optional(),
  lastSeenAtMs: InstantMs.optional(),
  agentVersion: z.string().max(32).optional(),
  generation: z.int().min(0),
  observedGeneration: z.int().min(0),
  certificate: z.strictObject({ serial: z.string(), fingerprint: z.string(), notAfterMs: InstantMs }).optional(),
  endpoints: Endpoints,
  createdAtMs: InstantMs,
  /** Only in lists: the first models by name, failed ones first. Older hubs do not send them. */
  models: z.array(DeviceModel).max(LISTED_MODELS_MAX).optional(),
  /** Only in lists: the number of all its models. */
  modelCount: z.int().min(0).optional(),
  /** Only in lists: absent if the device has never reported it. */
  machine: Machine.optional(),
  /** It has no agent: its own updater polls the hub by the protocol DDI. Hubs up to 0.1.0 do not send it. */
  ddi: z.literal(true).optional(),
})
export type Device = z.infer<typeof Device>

/** A version that the device has left, and does not try again until a person requests it. */
export const RememberedVersion = z.strictObject({
  name: Name,
  version: z.int().min(1),
  deployment: Name,
  cause: Cause,
})
export type RememberedVersion = z.infer<typeof RememberedVersion>

/** One device, whole: with its inventory and its report of each item. */
export const DeviceDetail = z.strictObject({
  ...Device.shape,
  inventory: Inventory.optional(),
  items: z.array(DeviceItem),
  /** The newest of each item. Absent if there are none, and from hubs up to 0.1.0. */
  remembered: z.array(RememberedVersion).max(ITEMS_MAX).optional(),
  /** Trouble that the device names about itself: a wrong clock, a full disk, a certificate that cannot be renewed. */
  conditions: z.array(z.strictObject({ code: z.string(), message: z.string() })),
  /** The models in its memory, by its newest report. Absent from older agents and hubs. */
  residency: DeviceResidency.optional(),
  /**
   * Set if its certificate was used in two places at once, not long ago: `kept` is the address of the one that stays
   * connected.
   */
  duplicate: z
    .strictObject({ sinceMs: InstantMs, lastMs: InstantMs, times: z.int().min(1), kept: z.string(), other: z.string() })
    .optional(),
})
export type DeviceDetail = z.infer<typeof DeviceDetail>
