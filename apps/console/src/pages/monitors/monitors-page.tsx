/** Monitors: the models by how far their values have moved. */
import type { Monitor } from '@skerry/contract/monitors/monitor'
import { monitorLanguage } from '@skerry/core/language/monitor-language'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Activity } from 'lucide-react'
import { shortNumber } from '../../components/charts/short-number.ts'
import { CreateButton } from '../../components/dialogs/create-button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { ListPage } from '../../components/rows/list-page.tsx'
import { number } from '../../texts/count.ts'
import { monitorsTexts as words } from './english-monitors.ts'
import { MonitorBadge } from './monitor-badge.tsx'
import { MonitorDialog } from './monitor-dialog.tsx'
import { monitorQueries } from './monitor-queries.ts'

/** Renders the page at /monitors. */
export function MonitorsPage() {
  const query = useQuery(monitorQueries.list())
  return (
    <ListPage
      words={words}
      query={query}
      columns={columns}
      rowKey={({ spec }) => spec.model}
      language={monitorLanguage}
      icon={Activity}
      defaultSort="state"
      actions={<CreateButton permission="model.write" label={words.create} dialog={MonitorDialog} />}
    />
  )
}

/** The state that needs a person most comes first. */
const ORDER = ['alert', 'warn', 'unprofiled', 'waiting', 'quiet', 'ok']

const rowsOf = ({ versions }: Monitor) => versions.reduce((sum, { rows }) => sum + rows, 0)

/** The feature that has moved most, of all versions. */
function worstOf({ versions }: Monitor) {
  return versions.flatMap(({ features }) => features).toSorted((a, b) => (b.stability ?? 0) - (a.stability ?? 0))[0]
}

/** The cohorts that moved, if the model has moved at all. */
function whereOf({ state, versions }: Monitor): string | undefined {
  if (state !== 'alert' && state !== 'warn') return undefined
  const moved = versions.flatMap((version) => version.moved ?? [])
  return moved.length > 0 ? [...new Set(moved)].join(', ') : words.everywhere
}

const columns: readonly Column<Monitor>[] = [
  {
    id: 'model',
    header: words.columns.model,
    width: 'minmax(10rem, 1.5fr)',
    sortValue: ({ spec }) => spec.model,
    cell: ({ spec: { model } }) => (
      <Link to="/monitors/$model" params={{ model }} className="rounded font-medium hover:text-accent hover:underline">
        {model}
      </Link>
    ),
  },
  {
    id: 'state',
    header: words.columns.state,
    width: 'minmax(10rem, 1fr)',
    sortValue: ({ state, spec }) => `${ORDER.indexOf(state)} ${spec.model}`,
    cell: ({ state, isMuted }) => (
      <span className="flex items-center gap-2 truncate">
        <MonitorBadge state={state} isPlain />
        {isMuted && <span className="text-xs text-soft">{words.muted}</span>}
      </span>
    ),
  },
  {
    id: 'worst',
    header: words.columns.worst,
    width: 'minmax(10rem, 1.5fr)',
    sortValue: (monitor) => worstOf(monitor)?.stability ?? -1,
    cell: (monitor) => {
      const worst = worstOf(monitor)
      if (worst?.stability === undefined) return null
      return (
        <span className="truncate">
          <span className="font-mono text-xs">{worst.feature}</span>{' '}
          <span className="text-soft tabular">{shortNumber(Number(worst.stability.toPrecision(3)))}</span>
        </span>
      )
    },
  },
  {
    id: 'where',
    header: words.columns.where,
    width: 'minmax(8rem, 1fr)',
    sortValue: (monitor) => whereOf(monitor) ?? '',
    cell: (monitor) => <span className="truncate text-soft">{whereOf(monitor)}</span>,
  },
  {
    id: 'versions',
    header: words.columns.versions,
    width: '7rem',
    sortValue: ({ versions }) => versions[0]?.version ?? 0,
    cell: ({ versions }) => versions.map(({ version }) => version).join(', '),
  },
  {
    id: 'rows',
    header: words.columns.rows,
    width: '7rem',
    isRight: true,
    sortValue: rowsOf,
    cell: (monitor) => number.format(rowsOf(monitor)),
  },
  {
    id: 'set',
    header: words.columns.set,
    width: 'minmax(10rem, 1fr)',
    isRight: true,
    sortValue: ({ changedAtMs }) => changedAtMs,
    cell: ({ changedAtMs, changedBy }) => (
      <span className="truncate text-soft">
        <Instant ms={changedAtMs} /> {words.by(changedBy)}
      </span>
    ),
  },
]
