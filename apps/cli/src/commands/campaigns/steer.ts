/** Steering: pause, resume and stop a campaign, and publish one of its rounds. */
import { CampaignRound } from '@skerry/contract/campaigns/campaign'
import { command, fitsNumber, needed } from '../../program/command.ts'
import { REASON, YES } from '../../program/options.ts'
import { CAMPAIGN } from './campaign-argument.ts'
import { stateText } from './campaign-view.ts'

export const pauseCampaign = command({
  name: 'campaign pause',
  summary: 'Pause a campaign; the round that runs is repeated when it is resumed',
  examples: ['skerry campaign pause ward --reason "the night shift needs the devices"'],
  arguments: { campaign: CAMPAIGN },
  options: { reason: REASON },
  async run({ campaign: name, reason }, session) {
    const { client } = await session.hub()
    const campaign = await client.campaign.pause({ name, reason }, { signal: session.signal })
    session.print({ json: campaign, text: () => `${name} is ${stateText(campaign)}` })
  },
})

export const resumeCampaign = command({
  name: 'campaign resume',
  summary: 'Resume a paused campaign',
  examples: ['skerry campaign resume ward'],
  arguments: { campaign: CAMPAIGN },
  options: {},
  async run({ campaign: name }, session) {
    const { client } = await session.hub()
    const campaign = await client.campaign.resume({ name }, { signal: session.signal })
    session.print({ json: campaign, text: () => `${name} goes on: ${stateText(campaign)}` })
  },
})

export const stopCampaign = command({
  name: 'campaign stop',
  summary: 'Stop a campaign for good; it publishes nothing',
  examples: ['skerry campaign stop ward --reason "the data was wrong" --yes'],
  arguments: { campaign: CAMPAIGN },
  options: { reason: REASON, yes: YES },
  async run({ campaign: name, reason, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`stop the campaign ${name}, which cannot go on afterwards`, yes)
    const campaign = await client.campaign.stop({ name, reason }, { signal: session.signal })
    session.print({ json: campaign, text: () => `${name} is ${stateText(campaign)}` })
  },
})

export const publishRound = command({
  name: 'campaign publish',
  summary: 'Publish the weights after a round as a version, such as those of the best round',
  examples: ['skerry campaign publish ward --round 4'],
  arguments: { campaign: CAMPAIGN },
  options: {
    round: needed('--round <number>', 'the round whose weights it gets', fitsNumber(CampaignRound.shape.round)),
  },
  async run({ campaign: name, round }, session) {
    const { client } = await session.hub()
    const reply = await client.campaign.publish({ name, round }, { signal: session.signal })
    session.print({ json: reply, text: () => `round ${round} of ${name} is ${reply.model}:${reply.version}` })
  },
})
