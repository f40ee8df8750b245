/** Source text: names the place of the rows of a device, and counts the captured rows that do not train. */
import type { CampaignCandidate } from '@skerry/contract/campaigns/campaign'
import { leftOutCount } from '@skerry/core/captures/training-row'
import { campaignsTexts } from './english-campaigns.ts'

/** Empty for an agent of an earlier version, which does not report the place. */
export function sourceText({ source = '', leftOut }: Pick<CampaignCandidate, 'source' | 'leftOut'>): string {
  const { sources, leftOut: text } = campaignsTexts.candidates
  const name = sources[source] ?? source
  const others = leftOut ? leftOutCount(leftOut) : 0
  return others > 0 ? text(name, others) : name
}
