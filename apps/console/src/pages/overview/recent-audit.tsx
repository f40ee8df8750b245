/** Recent audit: the latest changes, on the overview and on the page of a device. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Card } from '../../components/card.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { AuditRows } from '../../components/rows/audit-rows.tsx'
import { useRefusal } from '../../hub/permission.ts'
import { texts } from '../../texts/english.ts'
import { latestAudit } from './latest-audit.ts'

type RecentAuditProps = {
  object?: string
  /** Needed if the object is known by its name, because objects of other kinds may have the same name. */
  kind?: string
  title?: string
}

/** The newest changes of the whole trail, or the newest records of one object. */
export function RecentAudit({ object, kind, title = texts.overview.audit }: RecentAuditProps) {
  const refusal = useRefusal('audit.read', 'audit.list')
  const { data, error, refetch } = useQuery({ ...latestAudit(object), enabled: refusal === undefined })
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
      {refusal !== undefined && <p className="p-4 text-sm text-soft wrap-anywhere">{refusal}</p>}
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {data ? (
        <AuditRows rows={data.filter(({ record }) => kind === undefined || record.object.kind === kind)} />
      ) : (
        !error && refusal === undefined && <Loading rows={4} />
      )}
    </Card>
  )
}
