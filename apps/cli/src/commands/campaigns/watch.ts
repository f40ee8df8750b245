import { isCampaignOver } from '@skerry/contract/campaigns/campaign'
import { systemClock } from '@skerry/platform/process/clock'
import { command } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { CAMPAIGN } from './campaign-argument.ts'
import { campaignLine, stateText } from './campaign-view.ts'

/** A round takes seconds at least. */
const LOOK_MS = 1_000

export const watchCampaign = command({
  name: 'campaign watch',
  summary: 'Watch a campaign until it ends or is paused',
  details:
    'Prints a line for each change. The exit code is 0 if it is done, and 1 if it failed, was stopped or was paused.',
  examples: ['skerry campaign watch ward'],
  arguments: { campaign: CAMPAIGN },
  options: {},
  output: 'stream',
  async run({ campaign: name }, session) {
    const { client } = await session.hub()
    const { signal } = session
    for (let last = ''; ; await systemClock.sleep(LOOK_MS, signal)) {
      const { campaign, rounds } = await client.campaign.get({ name }, { signal })
      const line = campaignLine(campaign, rounds)
      if (line !== last) session.printEvent({ json: campaign, text: () => line })
      last = line
      if (campaign.phase === 'done') return
      if (!campaign.isPaused && !isCampaignOver(campaign.phase)) continue
      const why = campaign.reason === undefined ? '' : `: ${campaign.reason}`
      throw fail('campaign_unfinished', `the campaign ${name} is ${stateText(campaign)}${why}`)
    }
  },
})
