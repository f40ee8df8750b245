/** Groups: selectors with names. `group:NAME` in a selector stands for the selector of the group. */
import * as z from 'zod'
import { DeviceId } from '../values/ids.ts'
import { InstantMs, Name, SelectorText } from '../values/names.ts'

/** More groups than people keep apart. They bound the cost of finding the uses of one. */
export const GROUPS_MAX = 500

/** Devices that a plan or a group names. The counts are of all. */
export const GROUP_NAMES_MAX = 100

export const GroupSpec = z.strictObject({
  /** Without groups in it. */
  selector: SelectorText,
  description: z.string().trim().min(1).max(200).optional(),
})
export type GroupSpec = z.infer<typeof GroupSpec>

export const Group = z.strictObject({
  name: Name,
  spec: GroupSpec,
  /** Counts changes from 1, for compare-and-set. */
  revision: z.int().min(1),
  createdAtMs: InstantMs,
  changedAtMs: InstantMs,
  changedBy: z.string().max(63),
})
export type Group = z.infer<typeof Group>

/** A thing whose selector names the group. A batch keeps its devices, so it is none. */
export const GroupUse = z.strictObject({
  kind: z.enum(['deployment', 'campaign', 'role', 'approval-rule']),
  name: z.string().max(100),
})
export type GroupUse = z.infer<typeof GroupUse>

const GroupDevices = z.strictObject({
  count: z.int().min(0),
  devices: z.array(z.strictObject({ id: DeviceId, name: Name, site: Name })).max(GROUP_NAMES_MAX),
})
export type GroupDevices = z.infer<typeof GroupDevices>

export const GroupDetail = z.strictObject({
  ...Group.shape,
  /** Of a caller whose role has a scope: only the members in it. */
  members: GroupDevices,
  uses: z.array(GroupUse),
})
export type GroupDetail = z.infer<typeof GroupDetail>

/** The effect of a change of a group before it happens. */
export const GroupPlan = z.strictObject({
  change: z.enum(['create', 'update', 'none']),
  joins: GroupDevices,
  leaves: GroupDevices,
  /** Members after the change. */
  memberCount: z.int().min(0),
  uses: z.array(GroupUse),
})
export type GroupPlan = z.infer<typeof GroupPlan>
