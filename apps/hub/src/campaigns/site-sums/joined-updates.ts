/** Joined updates: the stored updates of a round. All updates of one sum of a site are one. */
import { weightOfRows } from '@skerry/core/campaigns/strategy'
import { fromJson } from '../../store/json-column.ts'
import type { CampaignParticipantTable } from '../../store/tables/learning/campaign-tables.ts'
import type { Update } from '../aggregate.ts'

/** The updates of participants that count. */
export function updatesIn(participants: readonly CampaignParticipantTable[]): Update[] {
  const sums = new Map<string, Update>()
  return participants.flatMap(({ device_id: device, update_digest: digest, outcome }) => {
    if (digest === null) return []
    const { rows = 1, sum } = fromJson(outcome)
    if (!sum) return [{ device, digest, rows }]
    const known = sums.get(sum.carrier)
    const weight = weightOfRows(rows)
    if (known) {
      known.sumWeight = (known.sumWeight ?? 0) + weight
      return []
    }
    const update: Update = { device, digest, rows, sumWeight: weight }
    sums.set(sum.carrier, update)
    return [update]
  })
}
