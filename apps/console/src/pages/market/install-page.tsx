/** Install: the settings, devices, permissions and steps of an installation or an upgrade, on one page. */
import type { AppConfig } from '@skerry/contract/apps/config-schema'
import type { Installation, InstallWish, RolloutPreset } from '@skerry/contract/market/installation'
import { configProblems } from '@skerry/core/apps/app-config'
import { settingsFor } from '@skerry/core/market/listing-settings'
import { permissionKey } from '@skerry/core/market/permission-diff'
import { useQuery } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Card, Page } from '../../components/card.tsx'
import { Failure } from '../../components/page-state.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { SettingsFields } from '../apps/settings-fields.tsx'
import { useSettled } from '../deploy/draft/use-settled.ts'
import { marketTexts } from './english-market.ts'
import { InstallGo } from './install-go.tsx'
import { InstallPermissions } from './install-permissions.tsx'
import { InstallPlace } from './install-place.tsx'
import { InstallSteps } from './install-steps.tsx'
import type { ShownListing } from './listing-page.tsx'
import { marketQueries } from './market-queries.ts'

const words = marketTexts.install
const back = { to: '/market', text: marketTexts.title } as const

/** The choices on the page. */
export type Choices = {
  name: string
  selector: string
  scope: string
  preset: RolloutPreset
  settings: AppConfig
  accept: readonly string[]
}

/** Renders the page at /market/CATALOGUE/LISTING/install. */
export function InstallPage() {
  const { catalogue, listing } = useParams({ from: '/inside/market/$catalogue/$listing/install' })
  const { as, version } = useSearch({ from: '/inside/market/$catalogue/$listing/install' })
  const { data, error, refetch } = useQuery(marketQueries.listing(catalogue, listing, version))
  if (!data)
    return (
      <Page title={listing} back={back}>
        <WaitingCard error={error} retry={refetch} rows={6} />
      </Page>
    )
  const before = data.installations.find(({ name }) => name === as)
  return <InstallForm key={`${as} ${data.listing.version}`} catalogue={catalogue} shown={data} before={before} />
}

type FormProps = { catalogue: string; shown: ShownListing; before: Installation | undefined }

function InstallForm({ catalogue, shown: { listing }, before }: FormProps) {
  const [choices, setChoices] = useState<Choices>(() => choicesOf(listing.name, before))
  const change = (part: Partial<Choices>) => setChoices((now) => ({ ...now, ...part }))
  const { accept, ...rest } = choices
  const wish: InstallWish = {
    ...rest,
    catalogue,
    listing: listing.name,
    version: listing.version,
    channel: listing.channel,
    accept: [...accept],
  }
  // Acceptance changes no step, so the plan need not be made again.
  const settled = useSettled({ ...wish, accept: [] })
  const schema = settingsFor(listing, choices.name)
  const hasProblem = schema !== undefined && configProblems(schema, choices.settings).length > 0
  const plan = useQuery({ ...marketQueries.plan(settled), enabled: !hasProblem })
  const unaccepted = plan.data?.permissions.unaccepted.map(permissionKey).filter((key) => !accept.includes(key)) ?? []
  const title = before ? words.upgradeTitle(listing.title) : words.title(listing.title)
  return (
    <Page title={title} back={back} lead={<span>{`${listing.name}@${listing.version}`}</span>}>
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1.35fr)_minmax(19rem,1fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          {schema && (
            <SettingsFields
              schema={schema}
              config={choices.settings}
              onChange={(settings) => change({ settings: settings ?? {} })}
            />
          )}
          <InstallPlace
            choices={choices}
            change={change}
            fleet={plan.data?.fleet}
            isNamed={before !== undefined}
            hasConnections={listing.connections.length > 0}
          />
          {plan.data && (
            <InstallPermissions
              permissions={plan.data.permissions}
              accepted={accept}
              onChange={(next) => change({ accept: next })}
            />
          )}
        </div>
        <div className="flex min-w-0 flex-col gap-4 lg:sticky lg:top-4">
          {plan.error ? (
            <Card>
              <Failure error={plan.error} onRetry={() => void plan.refetch()} />
            </Card>
          ) : (
            <InstallSteps plan={plan.data} />
          )}
          <InstallGo
            wish={wish}
            plan={plan.error || hasProblem || plan.isPlaceholderData ? undefined : plan.data}
            unaccepted={unaccepted}
          />
        </div>
      </div>
    </Page>
  )
}

const choicesOf = (listing: string, before: Installation | undefined): Choices => ({
  name: before?.name ?? listing,
  selector: before?.selector ?? 'true',
  scope: before?.scope ?? 'organisation',
  preset: before?.preset ?? 'all-at-once',
  settings: before?.settings ?? {},
  accept: [],
})
