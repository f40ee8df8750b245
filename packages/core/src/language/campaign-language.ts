/** Campaign language: the terms that the filter of campaigns may use. */
import type { Campaign } from '@skerry/contract/campaigns/campaign'
import { rowLanguage } from './row-language.ts'

export const campaignLanguage = rowLanguage({
  name: 'campaign',
  sample: { name: 'ward', model: 'digits', state: 'train', strategy: 'fedavg', by: 'ann', paused: false },
  valuesOf: ({ spec, phase, isPaused, createdBy }: Campaign) => ({
    name: spec.name,
    model: spec.model,
    state: phase,
    strategy: spec.strategy.kind,
    by: createdBy,
    paused: isPaused,
  }),
  wordsOf: ({ spec, phase, createdBy }) => `${spec.name} ${spec.model} ${phase} ${spec.strategy.kind} ${createdBy}`,
  example: 'campaign.state == "failed"',
})
