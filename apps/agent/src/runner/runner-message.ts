/** What control and runner say to each other over the pipe between them. Both are of one version: control starts the runner. */
import type { ConnectionStatus, HubQueueStatus } from '@skerry/contract/connections/connection'
import type { Cause, ShadowStats, VersionStats } from '@skerry/contract/devices/item'
import type { Serving, Shadow } from '@skerry/contract/models/serving'
import type { TagWriteSum } from '@skerry/core/audit/tag-write-sum'
import type { SourceFile } from '@skerry/inference/runtime/model-source'
import type { LogLevel } from '@skerry/platform/process/log'
import type { SlotFiles, SlotKind } from '../kinds/slot-host.ts'
import type { Address } from '../options.ts'
import type { ExpectedModel } from './equipment/expectant-host.ts'
import type { LookRequest } from './equipment/look-request.ts'
import type { HubQuestion, SinkRequest } from './equipment/sink-request.ts'
import type { SourceRequest } from './equipment/source-request.ts'

/** Given to the runner at its birth. */
export type RunnerTask = {
  rest: Address
  grpc: Address
  version: string
  logLevel: LogLevel
  /** What will be loaded first, because it served before. */
  expected: ExpectedModel[]
}

/** The files of a version, with its kind: the runner selects the host by it. */
export type RunnerSource = { [Kind in SlotKind]: { kind: Kind; files: SlotFiles[Kind] } }[SlotKind]

/** Golden cases; of a flow with the recording that they are of. */
export type GoldenFiles = { golden: SourceFile; recording?: SourceFile }

/** An order about one slot or name. */
export type SlotOrder =
  /** `cell` is where its runs are marked; absent where nothing is marked. */
  | { kind: 'load'; slot: string; source: RunnerSource; settings: Serving; cell?: number }
  /** Runs the golden cases in the file on this hardware, and compares. */
  | { kind: 'golden'; slot: string; files: GoldenFiles }
  /** A copy of what the model is asked goes to this slot; by the tolerance of the golden cases in the file, where the rules have none. */
  | { kind: 'mirror'; slot: string; name: string; rules: Shadow; golden: SourceFile | undefined }
  | { kind: 'activate'; slot: string; name: string; version: string }
  | { kind: 'deactivate'; name: string }
  | { kind: 'unload'; slot: string }

export type RunnerOrder =
  | SlotOrder
  /** The model is away for now: clients are told why, until it is activated or deactivated. */
  | { kind: 'expect'; model: ExpectedModel }
  | RunnerRequest

export type OrderOf<Kind extends RunnerOrder['kind']> = Extract<RunnerOrder, { kind: Kind }>

/** What is not about what serves: sources, sinks, and who looks. */
export type RunnerRequest = SourceRequest | SinkRequest | LookRequest

/** `said`: what was asked for, where something was; parsed by whoever asked. */
export type RunnerAnswer = { ok: true; said?: unknown } | { ok: false; code: string; message: string }

/** How a loaded version fares. */
export type SlotPulse = { slot: string; stats: VersionStats; shadow?: ShadowStats; problem?: string }

/** How everything does, and what flows wrote to tags since the beat before. */
export type Beat = {
  slots: SlotPulse[]
  connections: ConnectionStatus[]
  hubQueue: HubQueueStatus | undefined
  tagWrites: TagWriteSum[]
}

export type ToRunner = { id: number; order: RunnerOrder }

export type FromRunner =
  | { kind: 'ready'; rest: Address; grpc: Address }
  /** It cannot serve, and ends. */
  | { kind: 'refused'; cause: Cause }
  | { kind: 'answer'; id: number; answer: RunnerAnswer }
  /** A line of its log: control keeps the newest of both. */
  | { kind: 'log'; line: string }
  /** Comes every `BEAT_INTERVAL_MS`, whatever happens: the sign of life. */
  | ({ kind: 'beat' } & Beat)
  | HubQuestion

/** A second is often enough to judge a probation of ten, and costs a thousandth of a core. */
export const BEAT_INTERVAL_MS = 1_000

/** Runs block worker threads, never the runner's own: ten beats missed mean that it hangs. */
export const BEAT_OVERDUE_MS = 10_000
