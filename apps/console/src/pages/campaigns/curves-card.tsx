/** Curves card: the accuracy and the losses of a campaign by round. */
import type { Campaign, CampaignRound } from '@skerry/contract/campaigns/campaign'
import { Card } from '../../components/card.tsx'
import { figureText, shareText } from '../captures/share-text.ts'
import { CurveChart, type CurvePoint } from './curve-chart.tsx'
import { campaignsTexts } from './english-campaigns.ts'

const words = campaignsTexts.curves

const pointsOf = (
  rounds: readonly CampaignRound[],
  figureOf: (round: CampaignRound) => number | undefined,
  isEvaluated: boolean,
): CurvePoint[] =>
  rounds.flatMap((one) => {
    const value = figureOf(one)
    if (value === undefined) return []
    return [{ round: one.round, value, rows: isEvaluated ? one.evaluatedRows : one.rows }]
  })

export function CurvesCard({ campaign, rounds }: { campaign: Campaign; rounds: readonly CampaignRound[] }) {
  const accuracy = pointsOf(rounds, (one) => one.accuracy, true)
  const loss = pointsOf(rounds, (one) => one.loss, true)
  const training = pointsOf(rounds, (one) => one.trainLoss, false)
  const isEmpty = accuracy.length === 0
  return (
    <Card title={words.title} aside={<span className="text-xs text-soft max-sm:hidden">{words.hint}</span>}>
      {isEmpty && <p className="text-sm text-soft">{words.none}</p>}
      {!isEmpty && (
        <div className="grid gap-6 lg:grid-cols-2">
          <div className="min-w-0">
            <h3 className="mb-2 text-xs font-medium">{words.accuracy}</h3>
            <CurveChart
              title={words.accuracy}
              curves={[{ name: words.accuracy, points: accuracy }]}
              rounds={campaign.spec.rounds}
              high={1}
              text={shareText}
            />
          </div>
          <div className="min-w-0">
            <h3 className="mb-2 text-xs font-medium">{words.loss}</h3>
            <CurveChart
              title={words.loss}
              curves={[
                { name: `${words.loss}, ${words.heldOut}`, points: loss },
                { name: `${words.loss}, ${words.training}`, points: training },
              ]}
              rounds={campaign.spec.rounds}
              text={figureText}
            />
          </div>
        </div>
      )}
    </Card>
  )
}
