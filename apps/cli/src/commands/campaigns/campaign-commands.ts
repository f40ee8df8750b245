/** The commands on campaigns, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { createCampaign } from './create.ts'
import { listCampaigns } from './ls.ts'
import { showCampaign } from './show.ts'
import { pauseCampaign, publishRound, resumeCampaign, stopCampaign } from './steer.ts'
import { watchCampaign } from './watch.ts'

export const campaignCommands: readonly Command[] = [
  createCampaign,
  listCampaigns,
  showCampaign,
  watchCampaign,
  pauseCampaign,
  resumeCampaign,
  stopCampaign,
  publishRound,
]
