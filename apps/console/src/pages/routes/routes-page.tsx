/** Routes: the names under which callers reach models, with the traffic of the last minute. */
import type { RouteRow } from '@skerry/contract/routes/route'
import { routeLanguage } from '@skerry/core/language/route-language'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Signpost } from 'lucide-react'
import { CreateButton } from '../../components/dialogs/create-button.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { ListPage } from '../../components/rows/list-page.tsx'
import { number } from '../../texts/count.ts'
import { routesTexts as words } from './english-routes.ts'
import { RouteBadge } from './route-badge.tsx'
import { RouteDialog } from './route-dialog.tsx'
import { routeQueries } from './route-queries.ts'

/** Renders the page at /routes. */
export function RoutesPage() {
  const query = useQuery(routeQueries.live())
  return (
    <ListPage
      words={words}
      query={query}
      columns={columns}
      rowKey={({ name }) => name}
      language={routeLanguage}
      icon={Signpost}
      defaultSort="name"
      actions={<CreateButton permission="route.write" label={words.create} dialog={RouteDialog} />}
    />
  )
}

const columns: readonly Column<RouteRow>[] = [
  {
    id: 'name',
    header: words.columns.name,
    width: 'minmax(9rem, 1.5fr)',
    sortValue: ({ name }) => name,
    cell: ({ name }) => (
      <Link
        to="/routes/$route"
        params={{ route: name }}
        className="rounded font-medium hover:text-accent hover:underline"
      >
        {name}
      </Link>
    ),
  },
  {
    id: 'state',
    header: words.columns.state,
    width: 'minmax(9rem, 1fr)',
    sortValue: ({ state }) => state,
    cell: ({ state }) => <RouteBadge state={state} isPlain />,
  },
  {
    id: 'model',
    header: words.columns.model,
    width: 'minmax(8rem, 1.2fr)',
    sortValue: ({ spec }) => spec.model,
    cell: ({ spec }) => <span className="truncate text-soft">{spec.model}</span>,
  },
  {
    id: 'places',
    header: words.columns.places,
    width: '6rem',
    isRight: true,
    sortValue: ({ places }) => places,
    cell: ({ places }) => number.format(places),
  },
  {
    id: 'rate',
    header: words.columns.rate,
    width: '8rem',
    isRight: true,
    sortValue: ({ perSecond }) => perSecond,
    cell: ({ perSecond }) => words.rate(perSecond),
  },
  {
    id: 'latency',
    header: words.columns.latency,
    width: '7rem',
    isRight: true,
    sortValue: ({ p50Ms = -1 }) => p50Ms,
    cell: ({ p50Ms }) => words.ms(p50Ms),
  },
]
