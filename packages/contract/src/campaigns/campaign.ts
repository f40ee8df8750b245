/**
 * Campaigns: federated learning. Devices train a model on data that stays on them. The hub receives weights and counts,
 * and never a row. A finished campaign publishes an ordinary version.
 */
import * as z from 'zod'
import { LeftOutRows } from '../captures/left-out-rows.ts'
import { VersionReference } from '../models/model.ts'
import { Residency } from '../places/placement.ts'
import { Clearance } from '../values/clearance.ts'
import { Digest } from '../values/digest.ts'
import { CampaignId } from '../values/ids.ts'
import { InstantMs, Labels, Name, SelectorText } from '../values/names.ts'
import { ParticipantData } from './data-version.ts'
import { CampaignMasks, MaskStage } from './masking.ts'
import { CampaignNoise } from './noise.ts'
import { CampaignStrategy } from './strategy.ts'
import { CampaignTraining } from './training.ts'

/** The paper that introduced federated averaging needs up to 1,800 rounds in its slowest cell. */
export const ROUNDS_MAX = 2_000

/** A round of so many updates of 1 M parameters takes some seconds of the hub. */
export const PARTICIPANTS_MAX = 1_000

/** A single participant would reveal its own weights as the result. */
const PARTICIPANTS_MIN = 2

/** Elements of one row: a picture of 400 × 400 pixels in three colours. */
const ROW_ELEMENTS_MAX = 480_000

/** Targets of one row: a map of the size of a small picture. The rows are in memory with their targets. */
const TARGET_ELEMENTS_MAX = 65_536

const elementsOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)

export const CampaignData = z.strictObject({
  /** The name under which a device offers its data: `--training-data NAME:CAMPAIGNS=PATH` of the agent. */
  name: Name,
  /** One row, without the dimension of the batch. */
  shape: z
    .array(z.int().min(1).max(ROW_ELEMENTS_MAX))
    .min(1)
    .max(6)
    .refine((shape) => elementsOf(shape) <= ROW_ELEMENTS_MAX, 'a row has too many elements'),
  type: z.enum(['uint8', 'float32']).default('float32'),
  /** The model reads each element times `scale`, plus `offset`. Pictures of bytes often have 1 / 255. */
  scale: z.number().optional(),
  offset: z.number().optional(),
  /** The labels are whole numbers from 0 to this number, exclusive. Only for a cross-entropy, which needs it. */
  classes: z.int().min(2).max(10_000).optional(),
  /**
   * The shape of the numbers that belong to one row, as the model answers a row: `[1]`, or `[]` without a dimension of its
   * own. Only for the other losses, which need it.
   */
  targets: z
    .array(z.int().min(1).max(TARGET_ELEMENTS_MAX))
    .max(6)
    .refine((shape) => elementsOf(shape) <= TARGET_ELEMENTS_MAX, 'a row has too many targets')
    .optional(),
  /** A device with fewer rows does not take part: its update would show too much of each row. */
  rowsMin: z.int().min(1).max(1_000_000).default(20),
})
export type CampaignData = z.infer<typeof CampaignData>

const CampaignParticipants = z.strictObject({
  selector: SelectorText.default('true'),
  /** The class of the data: the site of a participant needs this clearance, or a higher one. */
  dataClass: Clearance.optional(),
  /** Countries, as in a placement policy. */
  residency: z.array(Residency).min(1).max(50).optional(),
  /** A round with fewer updates at its deadline does not count, and is repeated. */
  minimum: z.int().min(PARTICIPANTS_MIN).max(PARTICIPANTS_MAX).default(PARTICIPANTS_MIN),
  /** More devices are selected by this share, because some of them will be late. */
  overSelect: z.number().min(0).max(3).default(0.3),
})

/** All devices that may take part are selected. */
export const SurveyParticipants = CampaignParticipants.omit({ overSelect: true })

const CampaignFields = z.strictObject({
  name: Name,
  model: Name,
  /** The version whose weights the first round starts from. */
  version: VersionReference.default('latest'),
  data: CampaignData,
  participants: CampaignParticipants.prefault({}),
  rounds: z.int().min(1).max(ROUNDS_MAX),
  /** From the selection to the last update that counts. */
  deadlineSeconds: z.int().min(5).max(604_800).default(600),
  strategy: CampaignStrategy.default({ kind: 'fedavg' }),
  training: CampaignTraining.prefault({}),
  /** Updates in whole numbers of 8 bits: a quarter of the bytes. Not used if absent. */
  compression: z.enum(['int8']).optional(),
  /**
   * A device of each site adds the updates of its site, and the hub receives their sum. The operator trusts it: it can
   * change the sum of its site. Each device sends its update to the hub if absent.
   */
  aggregate: z.enum(['site']).optional(),
  privacy: z
    .strictObject({
      /** Devices mask their updates, and the hub receives their sum only. */
      masks: CampaignMasks.optional(),
      /** The hub adds noise to the sum, and counts the spent ε. */
      noise: CampaignNoise.optional(),
    })
    .optional(),
  stop: z
    .strictObject({
      /** The campaign ends early when the accuracy on held-out rows reaches this share. */
      accuracy: z.number().gt(0).max(1).optional(),
      /** As `accuracy`, for losses that compare numbers: the mean error falls to this number. */
      error: z.number().gt(0).optional(),
      /** The campaign ends early after so many rounds without a better accuracy or error. */
      patience: z.int().min(1).max(ROUNDS_MAX).optional(),
    })
    .prefault({}),
  result: z
    .strictObject({
      /** Points to the new version. */
      alias: Name.optional(),
      /** The deployment that gets the new version, behind its own waves and gates. */
      deploy: Name.optional(),
      labels: Labels.default({}),
      /** A result with a lower accuracy on held-out rows is not published. */
      accuracyMin: z.number().min(0).max(1).optional(),
      /** A result with a larger mean error on held-out rows is not published. */
      errorMax: z.number().gt(0).optional(),
    })
    .prefault({}),
  /** Makes selection and shuffling repeatable. The hub chooses it if absent. */
  seed: z.int().min(0).max(4_294_967_295).optional(),
})

/** A cross-entropy learns classes, and each other loss learns numbers. */
export const CampaignSpec = CampaignFields.superRefine(({ data, training: { loss } }, context) => {
  const wrong = (field: 'classes' | 'targets', message: string) =>
    context.addIssue({ code: 'custom', path: ['data', field], message })
  if (loss === 'cross-entropy') {
    if (data.targets) wrong('targets', 'a cross-entropy learns classes; set training.loss to mse, huber or binary')
    else if (data.classes === undefined) wrong('classes', 'the number of classes is needed by a cross-entropy')
    return
  }
  if (data.classes !== undefined) wrong('classes', `the loss ${loss} learns numbers; set data.targets instead`)
  else if (!data.targets)
    wrong('targets', `the shape of the numbers of a row is needed by the loss ${loss}, such as [1]`)
})
export type CampaignSpec = z.infer<typeof CampaignSpec>

/** The steps of a round, and the ends of a campaign. */
export const CampaignPhase = z.enum([
  'select',
  'train',
  'aggregate',
  'evaluate',
  'publish',
  'done',
  'failed',
  'stopped',
])
export type CampaignPhase = z.infer<typeof CampaignPhase>

export const isCampaignOver = (phase: CampaignPhase): boolean =>
  phase === 'done' || phase === 'failed' || phase === 'stopped'

export const Campaign = z.strictObject({
  id: CampaignId,
  spec: CampaignSpec,
  /** The number of the version from which the first round starts. */
  baseVersion: z.int().min(1),
  phase: CampaignPhase,
  /** Of the training of a masked round. */
  stage: MaskStage.optional(),
  isPaused: z.boolean(),
  /** The round that runs, from 1; the last one of a campaign that is over. */
  round: z.int().min(0),
  /** Why it waits, failed or ended early. */
  reason: z.string().max(1_000).optional(),
  /** The version that it published. */
  resultVersion: z.int().min(1).optional(),
  /** Of the newest evaluated weights. */
  accuracy: z.number().min(0).max(1).optional(),
  /** As `accuracy`, for the losses mse and huber: the mean distance of an answer from its target. */
  error: z.number().min(0).optional(),
  /** The spent ε of differential privacy; absent without noise. */
  epsilon: z.number().min(0).optional(),
  parameters: z.int().min(1),
  createdAtMs: InstantMs,
  createdBy: z.string().max(200),
  endedAtMs: InstantMs.optional(),
})
export type Campaign = z.infer<typeof Campaign>

/** Round 0 is the base version, before the first update. */
export const CampaignRound = z.strictObject({
  round: z.int().min(0),
  /** A round that reached too few updates is repeated. */
  attempts: z.int().min(1),
  selected: z.int().min(0),
  /** Updates that count in the mean. */
  counted: z.int().min(0),
  rejected: z.int().min(0),
  /** Devices that failed, or did not answer in time. */
  dropped: z.int().min(0),
  /** Updates that the norm bound made smaller. */
  bounded: z.int().min(0),
  rows: z.int().min(0),
  bytesUp: z.int().min(0),
  /** Updates of `counted` that came in sums of sites. */
  summed: z.int().min(0).optional(),
  /** Updates that count, of devices whose data has changed since their training before. Absent if no device reports its data. */
  dataChanged: z.int().min(0).optional(),
  /** The mean of the losses of the last local epoch, weighted by rows. */
  trainLoss: z.number().optional(),
  /** Of the weights after this round, on rows of the devices that they do not train on. */
  loss: z.number().optional(),
  accuracy: z.number().min(0).max(1).optional(),
  /** The mean distance of an answer from its target, for the losses mse and huber. */
  error: z.number().min(0).optional(),
  evaluatedRows: z.int().min(0).optional(),
  /** The ε that this round and all before it have spent. */
  epsilon: z.number().min(0).optional(),
  weights: Digest.optional(),
  startedAtMs: InstantMs,
  endedAtMs: InstantMs.optional(),
})
export type CampaignRound = z.infer<typeof CampaignRound>

/** `asked`: the device has the order, or will get it. `bounded`: it counts with a smaller step than it sent. */
export const ParticipantState = z.enum(['asked', 'counted', 'bounded', 'evaluated', 'rejected', 'failed', 'late'])
export type ParticipantState = z.infer<typeof ParticipantState>

export const CampaignParticipant = z.strictObject({
  device: Name,
  /** Of the device now; absent if it has been removed. */
  site: Name.optional(),
  round: z.int().min(1),
  attempt: z.int().min(1),
  state: ParticipantState,
  rows: z.int().min(0).optional(),
  /** The rows of its training. Absent if it has not trained, and for older agents. */
  data: ParticipantData.optional(),
  code: z.string().max(64).optional(),
  message: z.string().max(1_000).optional(),
  /** The length of its step, the root of the sum of squares. */
  norm: z.number().optional(),
  /** The bytes that the hub received for its update. Of the updates of one sum, the first one has the bytes. */
  bytes: z.int().min(0).optional(),
  /** The device that sent its update in the sum of the site. */
  summedBy: Name.optional(),
  atMs: InstantMs,
})
export type CampaignParticipant = z.infer<typeof CampaignParticipant>

/** A device that offers the data of a campaign, and whether it may take part. */
export const CampaignCandidate = z.strictObject({
  device: Name,
  site: Name.optional(),
  rows: z.int().min(0),
  isEligible: z.boolean(),
  isConnected: z.boolean(),
  reason: z.string().max(500).optional(),
  /** The place of its rows: `folder`, `recording` or `captures`. Absent for older agents. */
  source: z.string().max(64).optional(),
  /** Captured rows that do not train. */
  leftOut: LeftOutRows.optional(),
})
export type CampaignCandidate = z.infer<typeof CampaignCandidate>

/** Devices or participants that one answer shows. */
export const CAMPAIGN_ROWS_SHOWN = 1_000
