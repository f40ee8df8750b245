/**
 * Learning fleets: one order by which several machines learn. Each device trains on its own rows, and its detector is the
 * model NAME-DEVICE, with a version and an alarm of its own. In a federated order they learn one model NAME together.
 */
import * as z from 'zod'
import { LearningFleetId } from '../values/ids.ts'
import { InstantMs, Name, SelectorText } from '../values/names.ts'
import { DetectorKind, LearningPhase, LearningSpec } from './learning.ts'

/** An undo changes two deployments of each device within one request, of some 10 ms each. */
export const FLEET_DEVICES_MAX = 200

const { name: _name, device: _device, ...recipe } = LearningSpec.shape

export const LearningFleetSpec = z.strictObject({
  /** Of the order. The detector of a device has this name with `-DEVICE` behind it. */
  name: Name,
  /** The devices that it selects at the start learn. A device that joins later does not. */
  selector: SelectorText,
  /** The devices learn one detector together, which is the model NAME. Absent, each learns a detector of its own. */
  federated: z.boolean().optional(),
  ...recipe,
})
export type LearningFleetSpec = z.infer<typeof LearningFleetSpec>

/** The state of one machine, which its learning has in full. */
export const LearningFleetMember = z.strictObject({
  device: Name,
  /** The name of its learning, its detector and, with `-alarm`, its flow. */
  learning: Name,
  phase: LearningPhase,
  rows: z.int().min(0),
  rowsWanted: z.int().min(1),
  /** Why it waits, was refused or cancelled, or why its versions are published and not deployed. */
  reason: z.string().max(1_000).optional(),
  chosen: DetectorKind.or(z.string().max(32)).optional(),
  /** Of the chosen candidate, over planted faults. */
  auc: z.number().min(0).max(1).optional(),
  /** Absent without a shadow. */
  shadowAlarms: z.int().min(0).optional(),
  modelVersion: z.int().min(1).optional(),
  flowVersion: z.int().min(1).optional(),
  /** A deployment has the published version now. */
  isDeployed: z.boolean(),
})
export type LearningFleetMember = z.infer<typeof LearningFleetMember>

/** A selected device that could not begin, with the reason. */
export const LeftOutDevice = z.strictObject({ device: Name, reason: z.string().max(1_000) })
export type LeftOutDevice = z.infer<typeof LeftOutDevice>

/** The detector that the devices of an order learn together. */
export const JointDetector = z.strictObject({
  /** The devices and rows behind it. Absent until each device has sent its part. */
  devices: z.int().min(1).optional(),
  rows: z.int().min(1).optional(),
  /** The published version of the model NAME. */
  modelVersion: z.int().min(1).optional(),
  /** The published version of the flow NAME-alarm. */
  flowVersion: z.int().min(1).optional(),
  /** Why there is no version, or why it is not deployed. */
  reason: z.string().max(1_000).optional(),
})
export type JointDetector = z.infer<typeof JointDetector>

export const LearningFleet = z.strictObject({
  id: LearningFleetId,
  spec: LearningFleetSpec,
  /** The devices that learn, by the phase of their learning. A phase without a device is absent. */
  phases: z.partialRecord(LearningPhase, z.int().min(1)),
  leftOut: z.array(LeftOutDevice).max(FLEET_DEVICES_MAX),
  /** Absent if each device learns a detector of its own. */
  joint: JointDetector.optional(),
  /** By the name of the device. Absent in lists. */
  members: z.array(LearningFleetMember).max(FLEET_DEVICES_MAX).optional(),
  createdAtMs: InstantMs,
  createdBy: z.string().max(200),
})
export type LearningFleet = z.infer<typeof LearningFleet>

/** The effect of an undo, by device. */
export const LearningFleetUndone = z.strictObject({
  /** They run the version from before the order again, or no detector. */
  undone: z.array(Name).max(FLEET_DEVICES_MAX),
  /** They had no deployment of this order. */
  unchanged: z.array(Name).max(FLEET_DEVICES_MAX),
  failed: z.array(LeftOutDevice).max(FLEET_DEVICES_MAX),
})
export type LearningFleetUndone = z.infer<typeof LearningFleetUndone>
