/** Review card: the rows that a device keeps of a model, seen through the hub, each with a field for its label. */
import type { ReviewedRow } from '@skerry/contract/captures/capture'
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Field, Select } from '../../components/fields.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { useMissing } from '../../hub/permission.ts'
import { captureQueries } from './capture-queries.ts'
import { capturesTexts } from './english-captures.ts'
import { ReviewRow } from './review-row.tsx'

const words = capturesTexts.review

export function ReviewCard({ model }: { model: string }) {
  const missing = useMissing('capture.read')
  return (
    <Card title={words.title}>
      <p className="mb-4 max-w-prose text-sm text-soft">{words.lead}</p>
      {missing === undefined ? <Review model={model} /> : <p className="text-sm text-soft">{missing}</p>}
    </Card>
  )
}

function Review({ model }: { model: string }) {
  const { data, error } = useQuery(captureQueries.devices(model))
  const [device, setDevice] = useState('')
  if (!data) return error ? <Failure error={error} /> : <Loading rows={2} />
  if (data.rows.length === 0) return <p className="text-sm text-soft">{words.noDevices}</p>
  return (
    <div className="flex flex-col gap-4">
      <div className="max-w-sm">
        <Field label={words.device} hint={data.isCut ? words.cut(data.rows.length) : undefined}>
          {(control) => (
            <Select {...control} value={device} onChange={({ target }) => setDevice(target.value)}>
              <option value="">{words.choose}</option>
              {data.rows.map((one) => (
                <option key={one.device} value={one.device}>
                  {one.isConnected ? one.device : words.away(one.device)}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      {device !== '' && <Rows key={device} model={model} device={device} />}
    </div>
  )
}

function Rows({ model, device }: { model: string; device: string }) {
  const client = useQueryClient()
  const query = useInfiniteQuery(captureQueries.rows(model, device))
  const [labels, setLabels] = useState<Readonly<Record<string, string>>>({})
  const { data, error, hasNextPage, isFetching, fetchNextPage } = query
  if (!data) return error ? <Failure error={error} onRetry={() => void query.refetch()} /> : <Loading rows={6} />
  const rows = data.pages.flatMap((page) => page.rows)
  const newest = data.pages[0]
  const onLabelled = async (request: string, label: string) => {
    setLabels((before) => ({ ...before, [request]: label }))
    await client.invalidateQueries({ queryKey: captureQueries.one(model).queryKey })
  }
  // A second look begins anew, so that it does not read every page again.
  const lookAgain = () => client.resetQueries({ queryKey: captureQueries.rows(model, device).queryKey })
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2 text-sm text-soft">
        <p className="tabular">
          {words.shown(rows.length, newest?.heldCount ?? 0)}
          {newest !== undefined && newest.droppedCount > 0 && `; ${words.dropped(newest.droppedCount)}`}
        </p>
        <Button onClick={() => void lookAgain()}>{words.again}</Button>
      </div>
      {rows.length === 0 && <p className="text-sm">{words.empty}</p>}
      <ul className="flex flex-col divide-y divide-line border-y border-line">
        {rows.map((row) => (
          <ReviewRow
            key={row.place}
            place={{ model, device }}
            row={withLabel(row, labels[row.request])}
            classes={classesIn(rows, labels)}
            onLabelled={onLabelled}
          />
        ))}
      </ul>
      {error && <Failure error={error} />}
      {hasNextPage && (
        <Button blocked={isFetching ? capturesTexts.review.older : undefined} onClick={() => void fetchNextPage()}>
          {words.older}
        </Button>
      )}
    </div>
  )
}

const withLabel = (row: ReviewedRow, label: string | undefined): ReviewedRow =>
  label === undefined ? row : { ...row, label }

/** The words that the fields suggest. */
const classesIn = (rows: readonly ReviewedRow[], labels: Readonly<Record<string, string>>): string[] =>
  [...new Set([...rows.flatMap(({ predicted, label }) => [predicted, label]), ...Object.values(labels)])]
    .filter((word) => word !== undefined)
    .toSorted()
