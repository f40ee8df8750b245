/**
 * The plan of a training: everything that decides the training model, and the names of that model's tensors. The same
 * model and plan always give the same bytes. `training-model.ts`, `evaluation-model.ts` and `parameters.ts` take it.
 *
 * Inputs of a training model, in this order:
 *
 *   w0/<weight>   float32              one for each parameter: the values at the start
 *   data          uint8 or float32     [n, ...features]: all rows of the device
 *   labels        int64 [n]            cross-entropy: the class of each row
 *                 float32 [n, ...]     other losses: the target of each row, in the shape of the output
 *   perm          int64 [steps, B]     the numbers of the rows of each step
 *   lr            float32 []           the learning rate
 *   mu            float32 []           with `proximal`: how strongly weights are drawn back to `w0` (FedProx)
 *   clip          float32 []           with `clipNorm`: the largest norm of the gradient of one step, over all weights
 *   c/<weight>    float32              with `control`: is added to each gradient (SCAFFOLD); not for statistics
 *
 * Its outputs are `w/<weight>`, in the order of the parameters, and `losses`, float32 [steps].
 *
 * Inputs of an evaluation model: `w0/<weight>`, `data`, `labels`. Its outputs are `loss`, float32 []: the mean over all
 * rows. For cross-entropy and binary losses, it also has `correct`, int64 []: how many labels it meets. For the other losses
 * it has `error`, float32 []: the mean distance of an answer from its target.
 */

/** `binary` takes a logit for each label, `huber` is quadratic below a difference of 1 and linear above. */
export type TrainingLoss = 'cross-entropy' | 'binary' | 'mse' | 'huber'

/** Adam has beta 0.9 and 0.999, and epsilon 1e-8. Both optimisers begin each run without a history. */
export type TrainingOptimiser = { name: 'sgd'; momentum?: number } | { name: 'adam' }

export interface TrainingPlan {
  loss: TrainingLoss
  optimiser: TrainingOptimiser
  /** Adds the input `mu`. */
  proximal?: boolean
  /** Adds the input `clip`. */
  clipNorm?: boolean
  /** Adds the inputs `c/<weight>`. */
  control?: boolean
  /** Names of weights that stay as they are. They are constants of the training model, and no parameters. */
  frozen?: readonly string[]
  /** The default `frozen` uses the statistics of the file; `training` those of the batch, and trains both. */
  batchNormalization?: 'frozen' | 'training'
  /**
   * A row is multiplied by `scale` (1 by default), and then `offset` (0 by default) is added. `shape` is that of a row:
   * it sets the sizes that the file leaves open.
   */
  input: { dataType: 'uint8' | 'float32'; scale?: number; offset?: number; shape?: readonly number[] }
  /**
   * The tensor of the raw logits. By default the only output; a Softmax or Sigmoid behind the logits is stepped over.
   */
  output?: string
  /** Rows of a step. */
  batchSize: number
  /** False computes each gradient before it changes a weight. By default, products change their weights directly. */
  fuse?: boolean
}

/** A weight that a training model changes, in the order of its inputs and outputs. */
export type TrainingParameter = {
  name: string
  shape: number[]
  elements: number
  /** A running mean or variance, which a batch normalisation in training changes without a gradient. */
  isStatistic: boolean
}

/** The shape of `data`, of `labels` and of the output, whose first dimension is -1: the number of rows. */
export type TrainingTensor = { shape: number[] }

export type TrainingModel = {
  bytes: Uint8Array<ArrayBuffer>
  parameters: TrainingParameter[]
  input: TrainingTensor
  labels: TrainingTensor
  /** The tensor that the loss reads, in the user's model. */
  output: string
  /** Of a cross-entropy. */
  classes?: number
}

export type TrainingRefusalCode =
  | 'unreadable_model'
  | 'unsupported_opset'
  | 'unsupported_operator'
  | 'unsupported_setting'
  | 'unsupported_subgraph'
  | 'unknown_shape'
  | 'unknown_output'
  | 'unknown_weight'
  | 'external_weight'
  | 'no_parameters'
  | 'loss_mismatch'
  | 'invalid_plan'

/** Why a model cannot be trained. `message` is a whole sentence that names the next step if there is one. */
export type TrainingRefusal = {
  refused: TrainingRefusalCode
  message: string
  operator?: string
  node?: string
}

export const isTrainingRefusal = <Value extends object>(value: Value | TrainingRefusal): value is TrainingRefusal =>
  'refused' in value

export const DATA = 'data'
export const LABELS = 'labels'
export const ROWS = 'perm'
export const LEARNING_RATE = 'lr'
export const PROXIMAL = 'mu'
export const CLIP = 'clip'
export const LOSSES = 'losses'
export const MEAN_LOSS = 'loss'
export const CORRECT = 'correct'
export const MEAN_ERROR = 'error'

/** The names of a weight: its start, its result, and its control variate. */
export const startName = (weight: string): string => `w0/${weight}`
export const resultName = (weight: string): string => `w/${weight}`
export const controlName = (weight: string): string => `c/${weight}`
