/**
 * Driver: how an agent runs the versions of one kind. The reconcile loop plans with pure functions of core and calls a
 * driver for each step. The loop does not know where a driver works: in the runner process, in containers, or in the
 * agent itself. A driver keeps no intent. After a kill, the loop asks `loaded` and plans again.
 */
import type { AppRepository, AppServes } from '@skerry/contract/apps/app'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { DeviceRuntime } from '@skerry/contract/devices/device'
import type { Cause } from '@skerry/contract/devices/item'
import type { Serving, Shadow } from '@skerry/contract/models/serving'
import type { Digest } from '@skerry/contract/values/digest'
import type { FlowNeeds } from '@skerry/core/flow/flow-needs'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { Loaded } from '../runner/runner-slot.ts'

/**
 * The device around a driver. A driver that works outside the runner, such as in containers or in the agent itself,
 * needs no more than this.
 */
export type DriverGround = {
  /**
   * The folder of this driver alone, in the data folder. It outlives the agent. The driver makes it before it first
   * writes.
   */
  folder: string
  fileSystem: FileSystem
  clock: Clock
  log: Log
  /** Called by the driver when the answers of `loaded`, `trouble` or `isCapable` have changed by themselves. */
  onChange(): void
  /** Aborted when the device closes: ends all work that a driver has under way. */
  signal: AbortSignal
}

/**
 * `runner_gone` means that the place of work ended or is not ready. The loop blames no version, and plans the step
 * again when the driver is ready. `storage_full` means that the step waits for room. An answer with `waitMs` means that
 * the work goes on elsewhere, and that the loop asks again after this time. Each other code of `load` and `prove` fails
 * the version.
 *
 * `isDisproved`: the kind gave the version up after it had proved itself, and does not try it again.
 */
export type DriverAnswer =
  | { ok: true }
  | { ok: false; code: string; message: string; waitMs?: number; isDisproved?: true }

/** `proven`: the version passed its probation here, and comes back. `unproven`: this is its trial. */
export type Stage = 'proven' | 'unproven'

/** The newest `tail` lines since a time, of one service or of all. */
export type AppLogQuery = { service?: string | undefined; tail: number; sinceMs?: number | undefined }
export type AppLogLine = { atMs: number; service: string; stream: 'out' | 'err'; text: string }

/** An order of a person about the containers of an app. `service`: only of this one. */
export type AppOrder = { action: 'restart' | 'stop' | 'start'; app: string; service?: string | undefined }

/** The place at which an app answers for a model. */
export type ServedEndpoint = { host: string; port: number; isBinary: boolean }

/** The server of an app that loads the files of versions. It keeps no model over its next start, which `start` names. */
export type RepositoryServer = ServedEndpoint & {
  service: string
  /** The version of the app. */
  release: number
  load: AppRepository['load']
  start: string
}

/** A model of an app, by a protocol. */
export type ServedQuery = { model: string; protocol: AppServes['protocol'] }

export type Driver = {
  /**
   * The loaded versions and their figures, read from the runtime. Undefined while it is not ready: then versions of
   * this kind wait.
   */
  loaded(): readonly Loaded[] | undefined
  /** Why the runtime cannot start. */
  trouble?(): Cause | undefined
  /**
   * The digests of the versions on trial that the machine runs already. A window that closes does not hold back their judgement. Only a
   * kind that replaces the whole machine or the agent has it.
   */
  trials?(): readonly string[]
  /** Whether the machine has the runtime of the kind. Absent: each machine has it. */
  isCapable?(): boolean
  /** The names that a version needs on this device before it is loaded. */
  needs?(item: DesiredItem): Promise<FlowNeeds | undefined>
  /** Prepares the version beside the active one, which must not notice. */
  load(item: DesiredItem, isolation: Serving['isolation'], signal: AbortSignal): Promise<DriverAnswer>
  /** Golden cases of a model, the recording of a flow, the health check of an application. */
  prove?(item: DesiredItem, signal: AbortSignal): Promise<DriverAnswer>
  /** Gives the version a copy of the requests. */
  mirror?(item: DesiredItem, rules: Shadow): Promise<DriverAnswer>
  /**
   * From now on the version is the active one of its name. The one before stays loaded until `unload`. `successor`: the
   * version that is on its way to replace a proven one. A kind that replaces the whole machine may run it already.
   */
  activate(item: DesiredItem, stage: Stage, successor?: Digest): Promise<DriverAnswer>
  /** The version passed its probation. */
  settle?(item: DesiredItem): Promise<void>
  /** The version broke and will be back: clients get this reason until then. Only a kind with clients has it. */
  announce?(item: DesiredItem, reason: string): Promise<DriverAnswer>
  unload(item: DesiredItem): Promise<DriverAnswer>
  /** No version of the name is active any more. */
  deactivate(name: string): Promise<DriverAnswer>
  /**
   * Reads the lines that the version of the name wrote, oldest first. Undefined if it is not there. Only a kind outside the runner has
   * it.
   */
  logs?(name: string, query: AppLogQuery, signal: AbortSignal): Promise<AppLogLine[] | undefined>
  /** The folder with the files of the name. Undefined if there are none. Only a kind of files has it. */
  folderOf?(name: string): Promise<string | undefined>
  /** The secrets of the device have changed, or are known now. */
  takeSecrets?(secretOf: (name: string) => Uint8Array | undefined): void
  /** Carries out the order. Only a kind with containers has it. */
  control?(order: AppOrder, signal: AbortSignal): Promise<DriverAnswer>
  /** The place at which the active version of the name answers for a model. Undefined if it does not. */
  endpoint?(name: string, query: ServedQuery): ServedEndpoint | undefined
  /** The server of the active version of the name that loads the files of others. Undefined if it has none. */
  repository?(name: string): RepositoryServer | undefined
  /** The loaded releases with such a server. */
  runtimes?(): readonly DeviceRuntime[]
}
