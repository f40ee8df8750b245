/** Noise: client-level differential privacy of a campaign. The result hardly depends on whether one device took part. */
import * as z from 'zod'

export const CampaignNoise = z.strictObject({
  /** The longest step of a device: the root of the sum of squares. A longer one is shortened to it. */
  bound: z.number().gt(0).max(1e6),
  /** The standard deviation of the noise in the sum of the steps, divided by the bound. */
  multiplier: z.number().gt(0).max(1_000),
  /** The probability with which the bound of ε does not hold. It should be far below one divided by the devices. */
  delta: z.number().gt(0).max(0.01).default(1e-5),
  /** The campaign ends before a round that would spend more than this ε. */
  epsilonMax: z.number().gt(0).max(1_000).optional(),
})
export type CampaignNoise = z.infer<typeof CampaignNoise>
