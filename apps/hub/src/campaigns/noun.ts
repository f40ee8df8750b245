/** Campaigns: devices train a model on data that stays on them, and the result is a version. Surveys: devices count it. */
import type { Noun } from '../nouns/noun.ts'
import { startCampaignEngine } from './campaign-engine.ts'
import { campaignChangeHandlers, campaignReadHandlers } from './campaign-handlers.ts'
import { surveyChangeHandlers, surveyReadHandlers } from './surveys/survey-handlers.ts'

type Handlers = {
  campaign: typeof campaignReadHandlers & typeof campaignChangeHandlers
  survey: typeof surveyReadHandlers & typeof surveyChangeHandlers
}

const handlers: Handlers = {
  campaign: { ...campaignReadHandlers, ...campaignChangeHandlers },
  survey: { ...surveyReadHandlers, ...surveyChangeHandlers },
}

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
  raises: { campaign: ['models'], survey: ['models'] },
} satisfies Noun
