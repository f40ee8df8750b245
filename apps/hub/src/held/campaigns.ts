/** The campaigns in which a device takes part, and the training data that it offers. */
import { CAMPAIGNS, type CampaignsDocument, type HeldCampaigns } from '@skerry/contract/held/campaigns'
import { isOfferNews, keepOffer, newOrders } from '../campaigns/device-campaigns.ts'
import { AGAIN_MS, findActiveDevice, type HeldDocument } from './held-document.ts'

export const campaignsHeld: HeldDocument<CampaignsDocument, HeldCampaigns> = {
  kind: CAMPAIGNS,
  wakes: ['campaign.ordered', 'device.changed'],
  async next({ store }, connection, held) {
    const device = await findActiveDevice(store.db, connection)
    const document = device && (await newOrders(store.db, device, held))
    return document && { document, standing: { ...held, revision: document.revision } }
  },
  revision: ({ revision }) => revision,
  againMs: AGAIN_MS,
  record: {
    findNews: async (db, place, held) => ((await isOfferNews(db, place, held)) ? 'state' : 'none'),
    write: keepOffer,
  },
}
