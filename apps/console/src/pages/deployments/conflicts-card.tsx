/** Conflicts card: the devices that an older deployment of the same model keeps. */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Card } from '../../components/card.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { number } from '../../texts/count.ts'
import { deployQueries } from '../deploy/deploy-queries.ts'
import { deployTexts } from '../deploy/english-deploy.ts'
import { deploymentsTexts as words } from './english-deployments.ts'

const { conflictColumns: columns } = words

/** Names that the card has room for; the command line lists all of them. */
const SHOWN_MAX = 50

/** The card. */
export function ConflictsCard({ deployment: { name, conflicts } }: { deployment: Deployment }) {
  const { data, error, refetch } = useQuery({ ...deployQueries.conflicts(name), enabled: conflicts > 0 })
  const title = conflicts === 0 ? words.conflicts : `${words.conflicts}: ${number.format(conflicts)}`
  if (conflicts === 0)
    return (
      <Card title={title}>
        <p className="text-sm text-soft">{words.noConflicts}</p>
      </Card>
    )
  return (
    <Card title={title} isFlush>
      <p className="px-4 pt-3 text-sm text-soft">{words.conflictsLead}</p>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading rows={3} />}
      {data && (
        <PlainTable
          label={words.conflicts}
          headers={[columns.device, columns.site, columns.owner]}
          rows={data.slice(0, SHOWN_MAX).map(({ id, name: device, site, owner }) => ({
            key: id,
            cells: [
              <Link
                key="device"
                to="/devices/$device"
                params={{ device }}
                className="rounded font-medium hover:underline"
              >
                {device}
              </Link>,
              <span key="site" className="text-soft">
                {site}
              </span>,
              owner && (
                <Link
                  key="owner"
                  to="/deployments/$deployment"
                  params={{ deployment: owner }}
                  className="rounded text-accent hover:underline"
                >
                  {owner}
                </Link>
              ),
            ],
          }))}
        />
      )}
      {data && data.length > SHOWN_MAX && (
        <p className="px-4 py-2 text-xs text-faint">{deployTexts.preview.more(data.length - SHOWN_MAX)}</p>
      )}
    </Card>
  )
}
