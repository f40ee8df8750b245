/** Result cards: the histogram of each column, and the rows of each class. */
import type { SurveyColumnResult, SurveyResult, SurveySpec } from '@skerry/contract/campaigns/survey'
import { Card } from '../../components/card.tsx'
import { TONE_FILL } from '../../components/facts/tones.ts'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { number } from '../../texts/count.ts'
import { figureText, shareText } from '../captures/share-text.ts'
import { surveysTexts } from './english-surveys.ts'

const { values: words, classes } = surveysTexts

export function ResultCards({ spec, result }: { spec: SurveySpec; result: SurveyResult }) {
  const { columns } = words
  const labelled = result.classes.flatMap((rows, label) => (rows > 0 ? [{ label, rows }] : []))
  return (
    <>
      <Card title={words.title} isFlush>
        <PlainTable
          label={words.title}
          headers={[...Object.values(columns), words.mean, words.outside, words.missing]}
          wideOnly={[columns.range, columns.spread, words.mean]}
          rightCount={2}
          rows={result.columns.map((column, at) => ({
            key: column.name,
            cells: cellsOf(column, spec.columns[at]),
          }))}
        />
      </Card>
      <Card title={classes.title} isFlush>
        <PlainTable
          label={classes.title}
          headers={Object.values(classes.columns)}
          rows={labelled.map(({ label, rows }) => ({
            key: String(label),
            cells: [label, shareText(rows / Math.max(1, result.rows)), number.format(rows)],
          }))}
        />
      </Card>
    </>
  )
}

function cellsOf(column: SurveyColumnResult, declared: SurveySpec['columns'][number] | undefined) {
  const { name, mean, deviation, below, above, missing } = column
  const at = (share: number) => figureText(column.quantiles.find((one) => one.share === share)?.value)
  return [
    name,
    <Histogram key="histogram" column={column} />,
    words.range(figureText(declared?.low), figureText(declared?.high)),
    at(0.5),
    words.range(at(0.05), at(0.95)),
    mean === undefined ? '–' : words.plusMinus(figureText(mean), figureText(deviation)),
    number.format(below + above),
    number.format(missing),
  ]
}

const WIDTH = 160
const HEIGHT = 32

function Histogram({ column: { name, counts, below, above } }: { column: SurveyColumnResult }) {
  const most = Math.max(1, ...counts)
  const width = WIDTH / counts.length
  return (
    <svg
      role="img"
      aria-label={words.histogram(name, below, counts, above)}
      width={WIDTH}
      height={HEIGHT}
      className="block"
    >
      {counts.map((count, at) => {
        const height = (count / most) * (HEIGHT - 1)
        const key = `bin-${at}`
        return (
          <rect
            key={key}
            x={at * width}
            width={Math.max(0.5, width - Math.min(1, width / 4))}
            y={HEIGHT - height}
            height={height}
            className={TONE_FILL.busy}
          />
        )
      })}
    </svg>
  )
}
