/**
 * Driver: how an agent runs the versions of one kind. The reconcile loop plans with pure functions of core and calls a driver for each step.
 * The loop does not know where a driver works: in the runner process, in containers, or in the agent itself.
 *
 * A driver keeps no intent. After a kill, the loop asks `loaded` and plans again.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause } from '@skerry/contract/devices/item'
import type { Serving, Shadow } from '@skerry/contract/models/serving'
import type { FlowNeeds } from '@skerry/core/flow/flow-needs'
import type { Loaded } from '../runner/runner-slot.ts'

/**
 * `runner_gone` means that the place of work ended or is not ready. The loop blames no version, and plans the step again when the driver is ready.
 * `storage_full` means that the step waits for room. Each other code of `load` and `prove` fails the version.
 */
export type DriverAnswer = { ok: true } | { ok: false; code: string; message: string }

export type Driver = {
  /** The loaded versions and their figures, read from the runtime. Undefined while it is not ready: then versions of this kind wait. */
  loaded(): readonly Loaded[] | undefined
  /** Why the runtime cannot start. */
  trouble?(): Cause | undefined
  /** The names that a version needs on this device before it is loaded. */
  needs?(item: DesiredItem): Promise<FlowNeeds | undefined>
  /** Prepares the version beside the active one, which must not notice. */
  load(item: DesiredItem, isolation: Serving['isolation'], signal: AbortSignal): Promise<DriverAnswer>
  /** Golden cases of a model, the recording of a flow, the health check of an application. */
  prove?(item: DesiredItem, signal: AbortSignal): Promise<DriverAnswer>
  /** Gives the version a copy of the requests. */
  mirror?(item: DesiredItem, rules: Shadow): Promise<DriverAnswer>
  /** From now on the version is the active one of its name. The one before stays loaded until `unload`. */
  activate(item: DesiredItem): Promise<DriverAnswer>
  /** The version broke and will be back: clients get this reason until then. Only a kind with clients has it. */
  announce?(item: DesiredItem, reason: string): Promise<DriverAnswer>
  unload(item: DesiredItem): Promise<DriverAnswer>
  /** No version of the name is active any more. */
  deactivate(name: string): Promise<DriverAnswer>
}
