/** Route line: the routes to a model, on the pages of the model and its deployment. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Signpost } from 'lucide-react'
import { useRefusal } from '../../hub/permission.ts'
import { routesTexts as words } from './english-routes.ts'
import { routeQueries } from './route-queries.ts'

export function RouteLine({ model }: { model: string }) {
  const refusal = useRefusal('route.read', 'route.list')
  const { data: routes = [] } = useQuery({ ...routeQueries.list(), enabled: refusal === undefined })
  const own = routes.filter(({ spec }) => spec.model === model)
  if (own.length === 0) return null
  return (
    <p className="flex flex-wrap items-center gap-x-1.5 text-sm text-soft">
      <Signpost size={14} aria-hidden />
      {words.line}
      {own.map(({ name }) => (
        <Link key={name} to="/routes/$route" params={{ route: name }} className="rounded text-accent hover:underline">
          {name}
        </Link>
      ))}
    </p>
  )
}
