/** The campaigns in which the device takes part, and the training data that it offers. */
import { CAMPAIGNS, type CampaignsDocument, type HeldCampaigns } from '@skerry/contract/held/campaigns'
import type { CampaignKeeper } from '../campaigns/campaign-keeper.ts'
import type { HeldDocument } from './held-document.ts'

export const campaignsHeld = (keeper: CampaignKeeper): HeldDocument<CampaignsDocument, HeldCampaigns> => ({
  kind: CAMPAIGNS,
  // Another hub must not learn which data the device has.
  begins: 'proved',
  held: keeper.held,
  async take(document) {
    keeper.take(document)
    return 'report'
  },
  ...(keeper.news && { news: keeper.news }),
})
