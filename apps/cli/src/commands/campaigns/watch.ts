import { isCampaignOver } from '@skerry/contract/campaigns/campaign'
import { command } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { watchLines } from '../../program/terminal/watching.ts'
import { CAMPAIGN } from './campaign-argument.ts'
import { campaignLine, stateText } from './campaign-view.ts'

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
    await watchLines(session, async () => {
      const { campaign, rounds } = await client.campaign.get({ name }, { signal })
      const end = () => {
        if (campaign.phase === 'done') return
        const why = campaign.reason === undefined ? '' : `: ${campaign.reason}`
        throw fail('campaign_unfinished', `the campaign ${name} is ${stateText(campaign)}${why}`)
      }
      const isOver = campaign.isPaused || isCampaignOver(campaign.phase)
      return { json: campaign, line: campaignLine(campaign, rounds), end: isOver ? end : undefined }
    })
  },
})
