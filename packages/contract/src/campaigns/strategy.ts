/** Strategies: how the hub makes new weights from the updates of one round. */
import * as z from 'zod'

/** [Reddi 2021, arXiv 2003.00295, table 1] The paper tries server rates from 0.001 to 10. */
const serverRate = z.number().gt(0).max(10)

/** A moment decays by at least a thousandth of itself each round. */
const decay = z.number().min(0).max(0.999)

export const CampaignStrategy = z.discriminatedUnion('kind', [
  /** [McMahan 2017] The mean of the weights, weighted by rows. */
  z.strictObject({ kind: z.literal('fedavg') }),
  /** [Hsu 2019] The mean step with a momentum on the hub. */
  z.strictObject({
    kind: z.literal('fedavgm'),
    serverRate: serverRate.default(1),
    momentum: decay.default(0.9),
  }),
  /** [Reddi 2021] Adam on the hub, with the mean step as the gradient. */
  z.strictObject({
    kind: z.literal('fedadam'),
    serverRate: serverRate.default(0.01),
    beta1: decay.default(0.9),
    beta2: decay.default(0.99),
    epsilon: z.number().gt(0).max(1).default(0.001),
  }),
  /** [Reddi 2021] As Adam, and the second moment moves by a bounded part: one large step does not slow all later ones. */
  z.strictObject({
    kind: z.literal('fedyogi'),
    serverRate: serverRate.default(0.01),
    beta1: decay.default(0.9),
    beta2: decay.default(0.99),
    epsilon: z.number().gt(0).max(1).default(0.001),
  }),
  /** [Reddi 2021] The second moment is the sum of all squares, so that steps become smaller with time. */
  z.strictObject({
    kind: z.literal('fedadagrad'),
    serverRate: serverRate.default(0.1),
    beta1: decay.default(0),
    epsilon: z.number().gt(0).max(1).default(0.001),
  }),
  /** [Nguyen 2022] Devices do not wait for each other: each `minimum` of updates makes a step, and old ones count less. */
  z.strictObject({
    kind: z.literal('fedbuff'),
    serverRate: serverRate.default(1),
    /** An update may be so many rounds older. The hub keeps the weights of the last ten rounds. */
    staleMax: z.int().min(1).max(9).default(5),
  }),
  /**
   * [Karimireddy 2020] The mean, from steps that are corrected by how far the rows of a device pull it away from the
   * others. Each device keeps its correction.
   */
  z.strictObject({ kind: z.literal('scaffold'), serverRate: serverRate.default(1) }),
  /** The median of each weight. It ignores rows, and tolerates almost a half of bad updates. */
  z.strictObject({ kind: z.literal('median') }),
  /** The mean of each weight without this share of the smallest and of the largest values. */
  z.strictObject({ kind: z.literal('trimmed-mean'), trim: z.number().gt(0).lt(0.5).default(0.2) }),
  /** [Blanchard 2017] The mean of the updates that are nearest to each other, without so many of the farthest. */
  z.strictObject({ kind: z.literal('krum'), attackers: z.int().min(1).max(48).default(1) }),
  /** The weighted mean of steps that are shortened to this length. */
  z.strictObject({ kind: z.literal('norm-bound'), bound: z.number().gt(0).max(1e6) }),
])
export type CampaignStrategy = z.infer<typeof CampaignStrategy>
