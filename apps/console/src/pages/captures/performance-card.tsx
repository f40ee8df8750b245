/** Performance card: how good the answers of a model were, by version and day, from its labels. */
import type { ModelPerformance } from '@skerry/contract/captures/performance'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Card } from '../../components/card.tsx'
import { WithCommands } from '../../components/facts/alert-marks.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { number } from '../../texts/count.ts'
import { captureQueries } from './capture-queries.ts'
import { capturesTexts } from './english-captures.ts'
import { PerformanceChart } from './performance-chart.tsx'
import { figureText, shareText } from './share-text.ts'

const words = capturesTexts.performance

/** `aside`: a link to the page of the capture, on other pages. */
export function PerformanceCard({ model, aside }: { model: string; aside?: ReactNode }) {
  const { data, error } = useQuery(captureQueries.performance(model))
  const isEmpty = data?.versions.length === 0
  return (
    <Card title={words.title} aside={aside} isFlush={data !== undefined && !isEmpty}>
      {error && <Failure error={error} />}
      {!data && !error && <Loading rows={4} />}
      {isEmpty && (
        <p className="max-w-prose text-sm text-soft">
          <WithCommands text={words.none} />
        </p>
      )}
      {data && !isEmpty && <Figures performance={data} />}
    </Card>
  )
}

function Figures({ performance }: { performance: ModelPerformance }) {
  const { task, versions } = performance
  const [newest] = versions
  const { version, labels, accuracy, estimated, reference, mae, rmse, estimatedError } = words.columns
  const isEstimated = versions.some((one) => one.estimated !== undefined || one.estimatedError !== undefined)
  const isClasses = task === 'classification'
  return (
    <>
      <div className="px-4 pt-4 pb-2">
        <PerformanceChart performance={performance} />
      </div>
      <PlainTable
        label={words.title}
        headers={
          isClasses
            ? [version, accuracy, estimated, reference, labels]
            : [version, mae, rmse, estimatedError, reference, labels]
        }
        rows={versions.map((one) => ({
          key: String(one.version),
          cells: [
            one.version,
            ...(isClasses
              ? [shareText(one.accuracy), shareText(one.estimated?.accuracy), shareText(one.referenceAccuracy)]
              : [one.mae, one.rmse, one.estimatedError?.mae, one.referenceMae].map(figureText)),
            number.format(one.labels),
          ],
        }))}
      />
      {isEstimated && (
        <p className="border-t border-line px-4 py-2.5 text-xs text-soft">
          {isClasses ? words.estimateHint : words.errorHint}
        </p>
      )}
      {newest?.classes && newest.classes.length > 0 && (
        <div className="border-t border-line">
          <h3 className="px-4 pt-3 text-xs font-medium">{words.classes(newest.version)}</h3>
          <PlainTable
            label={words.classes(newest.version)}
            headers={Object.values(words.classColumns)}
            rows={newest.classes.map((one) => ({
              key: one.class,
              cells: [one.class, shareText(one.precision), shareText(one.recall), number.format(one.labels)],
            }))}
          />
        </div>
      )}
    </>
  )
}
