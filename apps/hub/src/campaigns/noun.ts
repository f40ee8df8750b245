/** Campaigns: devices train a model on data that stays on them, and the result is a version. */
import type { Noun } from '../nouns/noun.ts'
import { startCampaignEngine } from './campaign-engine.ts'
import { campaignChangeHandlers, campaignReadHandlers } from './campaign-handlers.ts'

type Handlers = { campaign: typeof campaignReadHandlers & typeof campaignChangeHandlers }

const handlers: Handlers = { campaign: { ...campaignReadHandlers, ...campaignChangeHandlers } }

export const campaignNoun = {
  handlers,
  purge: [
    ['campaign_masks', ['campaign_id', 'round', 'attempt', 'stage', 'to_device_id', 'device_id']],
    ['campaign_participants', ['campaign_id', 'round', 'attempt', 'device_id']],
    ['campaign_rounds', ['campaign_id', 'round']],
    ['campaigns', ['id']],
    ['campaign_devices', ['device_id']],
  ],
  engines: [startCampaignEngine],
  raises: { campaign: ['models'] },
} satisfies Noun
