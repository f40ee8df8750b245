/** Training: how a device trains in a round, and which weights it trains. */
import * as z from 'zod'

/** A weight by its name in the file of the model. A star at the end stands for any end: `head.*`. */
const WeightPattern = z.string().min(1).max(500)

/** Layers of a large network, of which each has a pattern of its own. */
const WeightPatterns = z.array(WeightPattern).min(1).max(100)

export const CampaignTraining = z.strictObject({
  /** The passes over the local rows in one round. */
  epochs: z.int().min(1).max(100).default(1),
  batchSize: z.int().min(1).max(1_024).default(10),
  learningRate: z.number().gt(0).max(10).default(0.1),
  /** `binary` reads a logit for each target from 0 to 1. `huber` is quadratic below a distance of 1, and linear above. */
  loss: z.enum(['cross-entropy', 'binary', 'mse', 'huber']).default('cross-entropy'),
  /** Plain steps if absent. Each round begins without a history. */
  optimiser: z.enum(['sgd', 'adam']).optional(),
  /** Of plain steps. Not used if absent. */
  momentum: z.number().gt(0).max(0.999).optional(),
  /** The largest norm of the gradient of one step, over all weights. Not limited if absent. */
  clipNorm: z.number().gt(0).max(1e6).optional(),
  /** [FedProx, Li 2020] How strongly local weights are drawn back to those of the round. Not used if absent. */
  proximal: z.number().gt(0).max(100).optional(),
  /** Frozen if absent: the statistics of the file. In training, those of the batch, which are trained too. */
  batchNormalization: z.enum(['frozen', 'training']).optional(),
  /** Weights that nobody trains. */
  frozen: WeightPatterns.optional(),
  /** [FedPer, Arivazhagan 2019] Weights that each device trains for itself. They never leave it. */
  personal: WeightPatterns.optional(),
})
export type CampaignTraining = z.infer<typeof CampaignTraining>
