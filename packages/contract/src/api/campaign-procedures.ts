/** Procedures on campaigns, which train over devices, and on surveys, which count over devices. */
import * as z from 'zod'
import {
  CAMPAIGN_ROWS_SHOWN,
  Campaign,
  CampaignCandidate,
  CampaignParticipant,
  CampaignRound,
  CampaignSpec,
  ROUNDS_MAX,
} from '../campaigns/campaign.ts'
import { Survey, SurveySpec } from '../campaigns/survey.ts'
import { Name, Page, pageOf, Reason } from '../values/names.ts'
import { procedure } from './procedure.ts'

const unknown = ['model_unknown', 'version_unknown', 'alias_unknown'] as const

const steering = { access: 'campaign.write', scope: 'none', approval: 'none' } as const

export const campaignProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/campaigns',
    access: 'campaign.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List campaigns with their phase and the round that runs, the newest first',
    errors: [],
  })
    .input(z.strictObject({ ...Page }))
    .output(pageOf(Campaign)),
  get: procedure({
    method: 'GET',
    path: '/v1/campaigns/{name}',
    access: 'campaign.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Show a campaign, with the curve of its rounds',
    errors: ['campaign_unknown'],
  })
    .input(z.strictObject({ name: Name }))
    .output(z.strictObject({ campaign: Campaign, rounds: z.array(CampaignRound).max(ROUNDS_MAX + 1) })),
  participants: procedure({
    method: 'GET',
    path: '/v1/campaigns/{name}/participants',
    access: 'campaign.read',
    scope: 'none',
    approval: 'none',
    summary: 'List the participants of a round, and the devices that offer the data of the campaign',
    errors: ['campaign_unknown'],
  })
    .input(
      z.strictObject({
        name: Name,
        /** The round that runs if absent. */
        round: z.coerce.number<number | string>().int().min(1).max(ROUNDS_MAX).optional(),
      }),
    )
    .output(
      z.strictObject({
        round: z.int().min(0),
        participants: z.array(CampaignParticipant).max(CAMPAIGN_ROWS_SHOWN),
        candidates: z.array(CampaignCandidate).max(CAMPAIGN_ROWS_SHOWN),
      }),
    ),
  create: procedure({
    method: 'POST',
    path: '/v1/campaigns',
    ...steering,
    summary: 'Start a campaign: devices train a model on their own data, round by round',
    errors: [...unknown, 'campaign_exists', 'campaign_refused', 'selector_invalid'],
  })
    .input(
      z.strictObject({
        spec: CampaignSpec,
        /** Check everything, list the devices that could take part, and start nothing. */
        dryRun: z.boolean().default(false),
      }),
    )
    .output(
      z.strictObject({
        spec: CampaignSpec,
        baseVersion: z.int().min(1),
        parameters: z.int().min(1),
        /** Devices that could take part now. */
        eligible: z.int().min(0),
        candidates: z.array(CampaignCandidate).max(CAMPAIGN_ROWS_SHOWN),
        /** The ε that all rounds would spend with these devices; absent without noise. */
        epsilon: z.number().min(0).optional(),
        /** Absent after a dry run. */
        campaign: Campaign.optional(),
      }),
    ),
  pause: procedure({
    method: 'POST',
    path: '/v1/campaigns/{name}/pause',
    ...steering,
    summary: 'Pause a campaign: no round begins, and the round that runs is repeated afterwards',
    errors: ['campaign_unknown', 'campaign_over'],
  })
    .input(z.strictObject({ name: Name, reason: Reason }))
    .output(Campaign),
  resume: procedure({
    method: 'POST',
    path: '/v1/campaigns/{name}/resume',
    ...steering,
    summary: 'Resume a paused campaign',
    errors: ['campaign_unknown', 'campaign_over'],
  })
    .input(z.strictObject({ name: Name }))
    .output(Campaign),
  stop: procedure({
    method: 'POST',
    path: '/v1/campaigns/{name}/stop',
    ...steering,
    summary: 'Stop a campaign for good; it publishes nothing',
    errors: ['campaign_unknown', 'campaign_over'],
  })
    .input(z.strictObject({ name: Name, reason: Reason }))
    .output(Campaign),
  publish: procedure({
    method: 'POST',
    path: '/v1/campaigns/{name}/rounds/{round}/publish',
    ...steering,
    summary: 'Publish the weights after a round as a version, with its lineage',
    errors: ['campaign_unknown', 'campaign_refused'],
  })
    .input(z.strictObject({ name: Name, round: z.coerce.number<number | string>().int().min(1).max(ROUNDS_MAX) }))
    .output(z.strictObject({ model: Name, version: z.int().min(1) })),
}

export const surveyProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/surveys',
    access: 'campaign.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List surveys: statistics over the data of devices, the newest first',
    errors: [],
  })
    .input(z.strictObject({ ...Page }))
    .output(pageOf(Survey)),
  get: procedure({
    method: 'GET',
    path: '/v1/surveys/{name}',
    access: 'campaign.read',
    scope: 'none',
    approval: 'none',
    summary: 'Show a survey: its result, and the devices that took part',
    errors: ['survey_unknown'],
  })
    .input(z.strictObject({ name: Name }))
    .output(
      z.strictObject({
        survey: Survey,
        participants: z.array(CampaignParticipant).max(CAMPAIGN_ROWS_SHOWN),
        candidates: z.array(CampaignCandidate).max(CAMPAIGN_ROWS_SHOWN),
      }),
    ),
  create: procedure({
    method: 'POST',
    path: '/v1/surveys',
    ...steering,
    summary: 'Start a survey: devices count their own rows, and the hub adds the counts',
    errors: ['survey_exists', 'survey_refused', 'selector_invalid'],
  })
    .input(
      z.strictObject({
        spec: SurveySpec,
        /** Check everything, list the devices that could take part, and start nothing. */
        dryRun: z.boolean().default(false),
      }),
    )
    .output(
      z.strictObject({
        spec: SurveySpec,
        /** Devices that could take part now. */
        eligible: z.int().min(0),
        candidates: z.array(CampaignCandidate).max(CAMPAIGN_ROWS_SHOWN),
        /** The ε that the result would spend; absent without noise. */
        epsilon: z.number().min(0).optional(),
        /** Absent after a dry run. */
        survey: Survey.optional(),
      }),
    ),
  stop: procedure({
    method: 'POST',
    path: '/v1/surveys/{name}/stop',
    ...steering,
    summary: 'Stop a survey for good; it has no result',
    errors: ['survey_unknown', 'survey_over'],
  })
    .input(z.strictObject({ name: Name, reason: Reason }))
    .output(Survey),
}
