/** Recent audit: what was changed last, on the overview and on the page of a device. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { AuditRows } from '../../components/audit-rows.tsx'
import { Card } from '../../components/card.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { queries } from '../../hub/queries.ts'
import { texts } from '../../texts/english.ts'

/** The newest records of the whole trail, or of one object. */
export function RecentAudit({ object, title = texts.overview.audit }: { object?: string; title?: string }) {
  const { data, error, refetch } = useQuery(queries.latestAudit(object))
  const all = (
    <Link
      to="/audit"
      search={object === undefined ? {} : { object }}
      className="rounded text-xs font-medium text-accent hover:underline"
    >
      {texts.overview.allAudit}
    </Link>
  )
  return (
    <Card title={title} aside={all} isFlush>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {data ? <AuditRows records={data.rows} /> : !error && <Loading rows={4} />}
    </Card>
  )
}
