/**
 * The messages between control and runner over the pipe between them. Both have the same version: control starts the
 * runner.
 */
import type { ConnectionStatus, HubQueueStatus } from '@skerry/contract/connections/connection'
import type { Cause, Figures, ShadowStats, VersionStats } from '@skerry/contract/devices/item'
import type { Serving, Shadow } from '@skerry/contract/models/serving'
import type { DeviceResidency } from '@skerry/contract/scaling/residency'
import type { ItemScale } from '@skerry/contract/scaling/scaling'
import type { TagWriteSum } from '@skerry/core/audit/tag-write-sum'
import type { FrequentError } from '@skerry/core/device/proof/probation'
import type { SourceFile } from '@skerry/inference/runtime/model-source'
import type { Lease } from '@skerry/platform/process/lease-gate'
import type { LogLevel } from '@skerry/platform/process/log'
import type { CaptureRequest, Picked } from '../captures/capture-board.ts'
import type { SlotFiles, SlotKind } from '../kinds/slot-host.ts'
import type { CloseRequest, MonitorRequest, MovedVersion, OpenRows } from '../monitors/monitor-board.ts'
import type { Address } from '../options.ts'
import type { ExpectedModel } from './equipment/expectant-host.ts'
import type { LookRequest } from './equipment/look-request.ts'
import type { HubQuestion, SinkRequest } from './equipment/sink-request.ts'
import type { SourceRequest } from './equipment/source-request.ts'
import type { LingerOrder } from './handover/linger.ts'
import type { RunnerId } from './handover/predecessor.ts'

/** The task that the runner gets at its start. */
export type RunnerTask = {
  rest: Address
  grpc: Address
  version: string
  logLevel: LogLevel
  /** The memory that loaded models may take. */
  modelMemoryBytes: number
  /** The folder of the data that flows read; absent without any. */
  dataFolder?: string
  /** The models that will be loaded first, because they served before. */
  expected: ExpectedModel[]
  /** The runner of the agent before, which serves until this one can. */
  predecessor?: RunnerId | undefined
}

/** The files of a version, with its kind. The runner selects the host by the kind. */
export type RunnerSource = { [Kind in SlotKind]: { kind: Kind; files: SlotFiles[Kind] } }[SlotKind]

/** Golden cases. For a flow, with the recording that they belong to. */
export type GoldenFiles = { golden: SourceFile; recording?: SourceFile }

/** An order about one slot or name. */
export type SlotOrder =
  /** `cell`: the place of its run marks. Absent if nothing is marked. `workerBytes`: the memory of one worker. */
  | { kind: 'load'; slot: string; source: RunnerSource; settings: Serving; cell?: number; workerBytes?: number }
  /** Runs the golden cases in the file on this hardware, and compares. */
  | { kind: 'golden'; slot: string; files: GoldenFiles }
  /**
   * A copy of the model's requests goes to this slot. The tolerance of the golden cases in the file applies if the
   * rules have none.
   */
  | { kind: 'mirror'; slot: string; name: string; rules: Shadow; golden: SourceFile | undefined }
  | { kind: 'activate'; slot: string; name: string; version: string }
  | { kind: 'deactivate'; name: string }
  | { kind: 'unload'; slot: string }

export type RunnerOrder =
  | SlotOrder
  /** The model is away for now: clients get this reason, until it is activated or deactivated. */
  | { kind: 'expect'; model: ExpectedModel }
  /** Control ends: flows, sources and sinks end, and the models serve on. */
  | LingerOrder
  | RunnerRequest

export type OrderOf<Kind extends RunnerOrder['kind']> = Extract<RunnerOrder, { kind: Kind }>

/** Requests that do not concern slots: sources, sinks, looks, monitors, and captures. */
export type RunnerRequest =
  | SourceRequest
  | SinkRequest
  | LeaseRequest
  | LookRequest
  | MonitorRequest
  | CloseRequest
  | CaptureRequest

/** Until when this device of a pair may write. Undefined if it is in no pair. It comes before the sources it is for. */
export type LeaseRequest = { kind: 'lease'; lease: Lease | undefined }

/** `said`: the result, if the request has one. The requester parses it. */
export type RunnerAnswer = { ok: true; said?: unknown } | { ok: false; code: string; message: string }

/** The figures of a loaded version. */
export type SlotPulse = {
  slot: string
  stats: VersionStats
  /** The most frequent error of its requests. */
  error?: FrequentError
  /** The features that alert, if that fails a probation. Control adds it. */
  moved?: string
  /** The number of its workers, if a policy scales it. */
  scale?: ItemScale
  shadow?: ShadowStats
  /** Of the kind alone. */
  figures?: Figures
  problem?: string
}

/** The figures of all parts, and the tag writes of flows since the last beat. */
export type Beat = {
  slots: SlotPulse[]
  connections: ConnectionStatus[]
  hubQueue: HubQueueStatus | undefined
  tagWrites: TagWriteSum[]
  /** The rows of open windows: they are lost if the runner ends now. */
  openRows: OpenRows[]
  /** Versions whose values alert on this device. */
  moved: MovedVersion[]
  residency: DeviceResidency
}

export type ToRunner = { id: number; order: RunnerOrder }

export type FromRunner =
  | { kind: 'ready'; rest: Address; grpc: Address }
  /** The runner cannot serve, and ends. */
  | { kind: 'refused'; cause: Cause }
  | { kind: 'answer'; id: number; answer: RunnerAnswer }
  /** Rows for the disk of the device, in memory until control has stored them. */
  | ({ kind: 'captured' } & Picked)
  /** A line of the runner's log: control keeps the newest lines of both. */
  | { kind: 'log'; line: string }
  /** Comes every `BEAT_INTERVAL_MS` in any case: the sign of life. */
  | ({ kind: 'beat' } & Beat)
  | HubQuestion

/** In milliseconds. A second is often enough to judge a probation of ten, and costs a thousandth of a core. */
export const BEAT_INTERVAL_MS = 1_000

/** Runs block worker threads, never the runner's own. So after ten missed beats, the runner hangs. */
export const BEAT_OVERDUE_MS = 10_000
