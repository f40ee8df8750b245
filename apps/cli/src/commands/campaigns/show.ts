import { CampaignRound } from '@skerry/contract/campaigns/campaign'
import { command, fitsNumber, flag, value } from '../../program/command.ts'
import { CAMPAIGN } from './campaign-argument.ts'
import { campaignText, candidatesTable, participantsTable } from './campaign-view.ts'

export const showCampaign = command({
  name: 'campaign show',
  summary: 'Show a campaign: the figures of each round, and on request its devices',
  examples: [
    'skerry campaign show ward',
    'skerry campaign show ward --devices',
    'skerry campaign show ward --devices --round 3',
  ],
  arguments: { campaign: CAMPAIGN },
  options: {
    isWithDevices: flag('--devices', 'also list the devices of the round, and those that offer the data'),
    round: value(
      '--round <number>',
      'the round of --devices; the one that runs by default',
      fitsNumber(CampaignRound.shape.round),
    ),
  },
  async run({ campaign: name, isWithDevices, round }, session) {
    const { client } = await session.hub()
    const { signal, style } = session
    const { campaign, rounds } = await client.campaign.get({ name }, { signal })
    const devices = isWithDevices ? await client.campaign.participants({ name, round }, { signal }) : undefined
    session.print({
      json: { campaign, rounds, ...(devices && { devices }) },
      text: () =>
        [
          campaignText(campaign, rounds, style),
          ...(devices
            ? [participantsTable(devices.participants, style), candidatesTable(devices.candidates, style)]
            : []),
        ].join('\n\n'),
    })
  },
})
