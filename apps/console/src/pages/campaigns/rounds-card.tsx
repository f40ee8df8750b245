/** Rounds card: the history of the rounds. */
import type { CampaignRound } from '@skerry/contract/campaigns/campaign'
import { Card } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { number } from '../../texts/count.ts'
import { figureText, shareText } from '../captures/share-text.ts'
import { campaignsTexts } from './english-campaigns.ts'

const words = campaignsTexts.rounds

type RoundsCardProps = {
  isOfErrors: boolean
  rounds: readonly CampaignRound[]
  shown: number
  onShow: (round: number) => void
}

/** The newest round first. A click on a round shows its devices. */
export function RoundsCard({ isOfErrors, rounds, shown, onShow }: RoundsCardProps) {
  const { accuracy, error, ...others } = words.columns
  const { round, ...rest } = others
  const columns = { round, metric: isOfErrors ? error : accuracy, ...rest }
  return (
    <Card title={words.title} isFlush>
      <PlainTable
        label={words.title}
        headers={Object.values(columns)}
        wideOnly={[columns.loss, columns.problems, columns.received]}
        rows={rounds.toReversed().map((one) => ({
          key: String(one.round),
          cells: [
            <RoundName key="round" round={one.round} isShown={one.round === shown} onShow={onShow} />,
            one.error === undefined ? shareText(one.accuracy) : figureText(one.error),
            figureText(one.loss),
            one.round === 0 ? '–' : words.counted(one.counted, one.selected, one.summed ?? 0),
            one.round === 0 ? '–' : problemsOf(one),
            one.round === 0 ? '–' : rowsText(one),
            one.round === 0 ? '–' : sizeText(one.bytesUp),
          ],
        }))}
      />
    </Card>
  )
}

function problemsOf({ rejected, dropped, bounded, attempts }: CampaignRound): string {
  const problems = words.problems(rejected, dropped, bounded)
  return [problems, attempts > 1 ? words.attempts(attempts) : ''].filter((part) => part !== '').join(', ') || '–'
}

const rowsText = ({ rows, dataChanged = 0 }: CampaignRound) =>
  dataChanged > 0 ? words.changed(rows, dataChanged) : number.format(rows)

type RoundNameProps = { round: number; isShown: boolean; onShow: (round: number) => void }

function RoundName({ round, isShown, onShow }: RoundNameProps) {
  if (round === 0) return words.base
  return (
    <button
      type="button"
      aria-pressed={isShown}
      onClick={() => onShow(round)}
      className="rounded font-medium hover:text-accent hover:underline aria-pressed:text-accent"
    >
      {round}
    </button>
  )
}
