/** Route: a picture of its places, their figures, its gateways and its rules. */
import type { RouteDetail } from '@skerry/contract/routes/route'
import { routeTag } from '@skerry/contract/values/entity-tag'
import { routeWords } from '@skerry/core/routes/route-text'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Card, Facts, Page } from '../../components/card.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { hub } from '../../hub/hub-client.ts'
import { routesTexts as words } from './english-routes.ts'
import { GatewaysCard } from './gateways-card.tsx'
import { PlacesCard } from './places-card.tsx'
import { RouteBadge } from './route-badge.tsx'
import { RouteDialog } from './route-dialog.tsx'
import { routeQueries } from './route-queries.ts'
import { StagesCard } from './stages-card.tsx'
import { TrafficCard } from './traffic-card.tsx'

const back = { to: '/routes', text: words.back } as const

/** Renders the page at /routes/NAME. */
export function RoutePage() {
  const { route: name } = useParams({ from: '/inside/routes/$route' })
  const { data, error, refetch } = useQuery(routeQueries.one(name))
  if (!data)
    return (
      <Page title={name} back={back}>
        <WaitingCard error={error} retry={refetch} />
      </Page>
    )
  return (
    <Page
      title={name}
      back={back}
      beside={<RouteBadge state={data.state} />}
      lead={routeWords(data.spec)}
      actions={<Actions route={data} />}
    >
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,2fr)_minmax(18rem,1fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          {data.stages ? (
            <StagesCard stages={data.stages} places={data.places} outputs={data.spec.pipeline?.outputs} />
          ) : (
            <TrafficCard route={data} />
          )}
          <PlacesCard places={data.places} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <GatewaysCard gateways={data.gateways} />
          <RulesCard route={data} />
        </div>
      </div>
    </Page>
  )
}

function RulesCard({ route: { spec, changedAtMs, changedBy } }: { route: RouteDetail }) {
  const { rows, prefers, ...rules } = words.rules
  const data = [spec.dataClass, spec.residency?.join(', ')].filter(Boolean).join(', ')
  return (
    <Card title={rules.title}>
      <Facts
        rows={[
          [
            rows.model,
            <Link
              key="model"
              to="/models/$model"
              params={{ model: spec.model }}
              className="rounded text-accent hover:underline"
            >
              {spec.model}
            </Link>,
          ],
          [rows.prefer, spec.prefer === 'order' ? spec.sites?.join(', ') : prefers[spec.prefer]],
          [rows.timeout, rules.seconds(spec.timeoutMs)],
          [rows.attempts, rules.attempts(spec.attempts, spec.retryPercent)],
          [rows.concurrency, rules.requests(spec.concurrency)],
          [rows.data, data === '' ? rules.anywhere : data],
          [
            rows.set,
            <span key="set">
              <Instant ms={changedAtMs} /> {rules.by(changedBy)}
            </span>,
          ],
        ]}
      />
    </Card>
  )
}

function Actions({ route }: { route: RouteDetail }) {
  const [asked, setAsked] = useState<{ act: 'change' | 'remove'; route: RouteDetail }>()
  const navigate = useNavigate()
  const client = useQueryClient()
  const close = () => setAsked(undefined)
  const remove = async (seen: RouteDetail) => {
    await hub.route.remove({ name: seen.name }, { context: { ifMatch: routeTag(seen) } })
    await navigate({ to: '/routes' })
    await client.invalidateQueries({ queryKey: routeQueries.list().queryKey, exact: true })
  }
  return (
    <>
      <GuardedButton permission="route.write" onClick={() => setAsked({ act: 'change', route })}>
        {words.change}
      </GuardedButton>
      <GuardedButton permission="route.write" look="danger" onClick={() => setAsked({ act: 'remove', route })}>
        {words.remove}
      </GuardedButton>
      {asked?.act === 'change' && <RouteDialog known={asked.route} onClose={close} />}
      {asked?.act === 'remove' && (
        <Confirmation
          title={words.removeTitle(route.name)}
          lead={words.removeLead}
          verb={words.remove}
          isDanger
          run={() => remove(asked.route)}
          done={words.removed(route.name)}
          onClose={close}
        />
      )}
    </>
  )
}
