/** Curves card: the accuracy and the losses of a campaign by round, beside those of another campaign if a person wants. */
import type { Campaign, CampaignRound } from '@skerry/contract/campaigns/campaign'
import { isOfNumbers } from '@skerry/core/campaigns/metric'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Card } from '../../components/card.tsx'
import { Select } from '../../components/fields.tsx'
import { figureText, shareText } from '../captures/share-text.ts'
import { campaignQueries } from './campaign-queries.ts'
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

/** The figure by which the campaign is judged: the accuracy, or the mean error. */
const metricOf = ({ accuracy, error }: CampaignRound) => error ?? accuracy

const lossOf = ({ loss }: CampaignRound) => loss

type CurvesCardProps = { campaign: Campaign; rounds: readonly CampaignRound[] }

export function CurvesCard({ campaign, rounds }: CurvesCardProps) {
  const [other, setOther] = useState('')
  const compared = useQuery({ ...campaignQueries.one(other), enabled: other !== '' }).data
  const metric = pointsOf(rounds, metricOf, true)
  if (metric.length === 0)
    return (
      <Card title={words.title}>
        <p className="text-sm text-soft">{words.none}</p>
      </Card>
    )
  const loss = pointsOf(rounds, lossOf, true)
  const training = {
    name: `${words.loss}, ${words.training}`,
    points: pointsOf(rounds, ({ trainLoss }) => trainLoss, false),
  }
  const beside = compared && {
    name: nameOf(compared.campaign),
    metric: pointsOf(compared.rounds, metricOf, true),
    loss: pointsOf(compared.rounds, lossOf, true),
  }
  const isOfErrors = isOfNumbers(campaign.spec.training.loss)
  const name = isOfErrors ? words.error : words.accuracy
  const last = Math.max(campaign.spec.rounds, compared?.campaign.spec.rounds ?? 0)
  return (
    <Card title={words.title} aside={<OtherCampaign campaign={campaign} value={other} onChange={setOther} />}>
      <div className="grid gap-6 lg:grid-cols-2">
        <div className="min-w-0">
          <h3 className="mb-2 text-xs font-medium">{name}</h3>
          <CurveChart
            title={name}
            curves={
              beside
                ? [
                    { name: nameOf(campaign), points: metric },
                    { name: beside.name, points: beside.metric },
                  ]
                : [{ name, points: metric }]
            }
            rounds={last}
            {...(isOfErrors ? { text: figureText } : { high: 1, text: shareText })}
          />
        </div>
        <div className="min-w-0">
          <h3 className="mb-2 text-xs font-medium">{words.loss}</h3>
          <CurveChart
            title={words.loss}
            curves={[
              { name: beside ? nameOf(campaign) : `${words.loss}, ${words.heldOut}`, points: loss },
              beside ? { name: beside.name, points: beside.loss } : training,
            ]}
            rounds={last}
            text={figureText}
          />
        </div>
      </div>
    </Card>
  )
}

const nameOf = ({ spec: { name, strategy } }: Campaign) => `${name}, ${strategy.kind}`

type OtherCampaignProps = { campaign: Campaign; value: string; onChange: (name: string) => void }

/** Campaigns of the same data and the same figure can be compared, whatever their strategy and their model are. */
function OtherCampaign({ campaign, value, onChange }: OtherCampaignProps) {
  const { data = [] } = useQuery(campaignQueries.list())
  const { name, data: rows, training } = campaign.spec
  const isOfErrors = isOfNumbers(training.loss)
  const others = data.filter(
    ({ spec }) => spec.name !== name && spec.data.name === rows.name && isOfNumbers(spec.training.loss) === isOfErrors,
  )
  if (others.length === 0) return <span className="text-xs text-soft max-sm:hidden">{words.hint}</span>
  return (
    <Select aria-label={words.compare} value={value} onChange={({ target }) => onChange(target.value)}>
      <option value="">{words.alone}</option>
      {others.map((other) => (
        <option key={other.id} value={other.spec.name}>
          {nameOf(other)}
        </option>
      ))}
    </Select>
  )
}
