/** Order parts: the parts of the agent that all orders of campaigns need, and the limits of an order. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CampaignReport } from '@skerry/contract/campaigns/update'
import type { CampaignOrder, SurveyOrder } from '@skerry/contract/held/campaigns'
import type { TrainingWhen } from '@skerry/core/campaigns/training-moment'
import type { TrainLimits } from '@skerry/inference/train/train-model'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { FetchDeps } from '../bench/fetch-candidates.ts'
import type { LabelledRows } from '../captures/labelled-rows.ts'
import type { HubDownload } from '../hub/hub-download.ts'
import type { ModelBlobs } from '../sealing/model-blobs.ts'
import type { Fingerprint } from './data-fingerprint.ts'
import type { MaskSession } from './mask-session.ts'
import type { MachineWatch } from './training-moment.ts'
import type { TrainingData } from './training-options.ts'

export type AnyOrder = CampaignOrder | SurveyOrder

export type OrderDeps = FetchDeps & {
  /** The secrets of a masked round; undefined if the agent has none for the order. */
  session?: MaskSession | undefined
  /** The folder of updates that are not sent yet. */
  folder: string
  /** The folder of the values that the device keeps from round to round. */
  statesFolder: string
  sets: readonly TrainingData[]
  /** The data folder of the agent, in which recordings are. */
  data: string
  /** The captured rows that have labels. */
  captured: LabelledRows
  /** Identifies rows for the hub. */
  fingerprint: Fingerprint
  /** When the owner lets the device train; at any time if undefined. */
  when: TrainingWhen | undefined
  watch: MachineWatch
  fileSystem: FileSystem
  blobs: Pick<ModelBlobs, 'fileOf' | 'has'>
  send: HubDownload['send']
  near: HubDownload['near']
  clock: Pick<Clock, 'nowMs' | 'sleep'>
  random: () => number
  memoryAvailableBytes(): number
  log: Pick<Log, 'info' | 'warn'>
}

/** Node and the runtime take some 130 MB of it. */
const MEMORY_MIN = 300 * 1024 ** 2

/** Models that serve get the other half. */
const MEMORY_SHARE = 0.5

export const limitsOf = ({ clock, memoryAvailableBytes }: OrderDeps, { deadlineMs }: AnyOrder): TrainLimits => ({
  timeMs: Math.max(1_000, deadlineMs - clock.nowMs()),
  memoryBytes: Math.max(MEMORY_MIN, memoryAvailableBytes() * MEMORY_SHARE),
})

export const failed = (code: string, message: string): CampaignReport => ({
  kind: 'failed',
  code: code.slice(0, 64),
  message: message.slice(0, 500),
})

/** One for all: a device carries out one order at a time. */
export const checkpointPath = (data: string): string => join(data, 'training-checkpoint')

/** The weights of a training that does not go on leave the disk. */
export const dropCheckpoint = ({ data }: Pick<OrderDeps, 'data'>): Promise<void> =>
  rm(checkpointPath(data), { force: true })
