/** Survey store: surveys as records. A survey is a campaign of one round, in which devices send counts instead of weights. */
import type { Survey, SurveyResult, SurveySpec } from '@skerry/contract/campaigns/survey'
import type { CampaignId } from '@skerry/contract/values/ids'
import { layoutOf, type SurveyLayout } from '@skerry/core/campaigns/survey'
import { fromJson, toJson } from '../../store/json-column.ts'
import type { Tx } from '../../store/store.ts'
import type { CampaignTable } from '../../store/tables/learning/campaign-tables.ts'

/** Undefined if the campaign trains a model. */
export const surveyIn = ({ survey }: Pick<CampaignTable, 'survey'>): SurveySpec | undefined =>
  survey === null ? undefined : fromJson(survey)

/** The layout of the counts; undefined if the campaign trains a model. */
export function layoutIn(row: Pick<CampaignTable, 'survey'>): SurveyLayout | undefined {
  const spec = surveyIn(row)
  return spec && layoutOf(spec)
}

export async function saveResult(tx: Tx, id: CampaignId, result: SurveyResult): Promise<void> {
  await tx
    .updateTable('campaigns')
    .set({ survey_result: toJson(result) })
    .where('id', '=', id)
    .execute()
}

/** The survey as the API shows it. Throws if the campaign trains a model. */
export function surveyOf(row: CampaignTable): Survey {
  const spec = surveyIn(row)
  if (!spec) throw new Error(`the campaign ${row.name} is no survey`)
  const { phase, stage, reason } = fromJson(row.course)
  return {
    id: row.id,
    spec,
    phase,
    ...(stage !== undefined && { stage }),
    ...(reason !== undefined && { reason }),
    ...(row.survey_result !== null && { result: fromJson(row.survey_result) }),
    createdAtMs: Number(row.created_at_ms),
    createdBy: row.created_by,
    ...(row.ended_at_ms !== null && { endedAtMs: Number(row.ended_at_ms) }),
  }
}
