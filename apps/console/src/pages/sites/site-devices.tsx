/** Site devices: the devices at the site, as in the list of all devices. */
import type { Device } from '@skerry/contract/devices/device'
import type { Site } from '@skerry/contract/sites/site'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Server } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Card } from '../../components/card.tsx'
import { HealthBar } from '../../components/charts/health-bar.tsx'
import { type HealthCounts, troubleText } from '../../components/charts/health-counts.ts'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { DataTable } from '../../components/rows/data-table.tsx'
import { deviceColumns } from '../devices/device-columns.tsx'
import { sitePageTexts } from './english-site.ts'
import { siteQueries } from './site-queries.ts'

const words = sitePageTexts.site

/** All devices are at this site, so the column would be the same in each row. */
const columns = deviceColumns.filter(({ id }) => id !== 'site')

export function SiteDevices({ site }: { site: Site }) {
  const { data, error, refetch } = useQuery(siteQueries.devices(site.name))
  const [sort, setSort] = useState('health')
  const counts = useMemo(() => countsOf(data ?? []), [data])
  return (
    <Card
      isFlush
      title={
        <span className="flex items-center gap-3">
          {words.devices}
          {data && data.length > 0 && (
            <span className="flex items-center gap-2 text-xs font-normal text-soft">
              <HealthBar counts={counts} className="w-28" isDecoration />
              {troubleText(counts)}
            </span>
          )}
        </span>
      }
      aside={
        <Link
          to="/devices"
          search={{ q: `site.name == "${site.name}"` }}
          className="rounded text-xs font-medium text-accent hover:underline"
        >
          {words.allDevices}
        </Link>
      }
    >
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading rows={5} />}
      {data?.length === 0 && <Empty icon={Server} title={words.noDevices} hint={words.noDevicesHint} />}
      {data && data.length > 0 && (
        <DataTable
          className="max-h-[34rem]"
          label={words.devices}
          rows={data}
          columns={columns}
          rowKey={({ id }) => id}
          sort={sort}
          onSort={setSort}
        />
      )}
    </Card>
  )
}

function countsOf(devices: readonly Device[]): HealthCounts {
  const counts: HealthCounts = {}
  for (const { health } of devices) if (health) counts[health] = (counts[health] ?? 0) + 1
  return counts
}
