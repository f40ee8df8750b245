/** Personal file: it stands in a version of a campaign, and names the weights that each device has values of its own for. */
import * as z from 'zod'
import { CAMPAIGN_WEIGHTS_MAX } from '../held/campaigns.ts'
import { CampaignId } from '../values/ids.ts'

export const PERSONAL_PATH = 'personal.json'

/** Not strict: a later hub may add fields. */
export const PersonalFile = z.object({
  v: z.literal(1),
  /** The campaign for which devices keep the values. */
  campaign: CampaignId,
  /** In the order in which a device keeps their values. */
  weights: z
    .array(z.object({ name: z.string().max(500), elements: z.int().min(0) }))
    .min(1)
    .max(CAMPAIGN_WEIGHTS_MAX),
})
export type PersonalFile = z.infer<typeof PersonalFile>
