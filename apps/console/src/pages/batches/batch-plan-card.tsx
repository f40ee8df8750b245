/** Batch plan card: whom the selector picks, counted by the hub while somebody writes. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Card } from '../../components/card.tsx'
import { DeviceLink } from '../../components/facts/device-link.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { useSettled } from '../deploy/draft/use-settled.ts'
import { batchQueries } from './batch-queries.ts'
import { batchesTexts as words } from './english-batches.ts'

/** Enough to see that they are the right ones. */
const NAMES_SHOWN = 12

/** Undefined while what is written is no selector: then the last count stays. */
export function BatchPlanCard({ selector }: { selector: string | undefined }) {
  const settled = useSettled(selector)
  const { data, error, refetch, isFetching } = useQuery({
    ...batchQueries.plan(settled ?? 'true'),
    enabled: settled !== undefined,
    placeholderData: keepPreviousData,
  })
  const names = data?.devices.slice(0, NAMES_SHOWN) ?? []
  return (
    <Card title={words.form.plan}>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading />}
      {data && !error && (
        <div className="flex flex-col gap-3 text-sm" aria-busy={isFetching || settled !== selector}>
          <p role="status">{data.count === 0 ? words.form.nobody : words.form.picked(data.count, data.online)}</p>
          {names.length > 0 && (
            <ul className="flex flex-col gap-1.5">
              {names.map(({ id, name, site }) => (
                <li key={id} className="flex justify-between gap-3">
                  <DeviceLink device={name} />
                  <span className="truncate text-soft">{site}</span>
                </li>
              ))}
            </ul>
          )}
          {data.count > names.length && (
            <p className="text-xs text-soft">{words.form.more(data.count - names.length)}</p>
          )}
        </div>
      )}
    </Card>
  )
}
