/** Survey badge: the state of a survey as an icon and words. */
import type { Survey } from '@skerry/contract/campaigns/survey'
import { Badge } from '../../components/facts/badge.tsx'
import { PHASE_LOOKS } from '../campaigns/campaign-badge.tsx'
import { campaignsTexts } from '../campaigns/english-campaigns.ts'
import { surveysTexts as words } from './english-surveys.ts'

export const SurveyBadge = ({ survey }: { survey: Survey }) => (
  <Badge {...PHASE_LOOKS[survey.phase]} isPlain>
    {textOf(survey)}
  </Badge>
)

function textOf({ phase, stage }: Survey): string {
  if (phase === 'train')
    return stage === undefined || stage === 'update' ? words.states.train : campaignsTexts.stages[stage]
  return phase === 'aggregate' ? words.states.aggregate : campaignsTexts.states[phase]
}
