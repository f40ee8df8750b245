/** App: the services of its newest release, where it runs, its releases, its deployments and its aliases. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import { Page } from '../../components/card.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { queries } from '../../hub/queries.ts'
import { detailOf } from '../../kinds/of-kind.ts'
import type { ListSearch } from '../../search.ts'
import { AliasTags } from '../models/alias-tags.tsx'
import { AliasesCard } from '../models/aliases-card.tsx'
import { ModelActions } from '../models/model-actions.tsx'
import { ModelDeployments } from '../models/running/model-deployments.tsx'
import { RunningCard } from '../models/running/running-card.tsx'
import { VersionsTable } from '../models/versions-table.tsx'
import { appTexts as words } from './english-apps.ts'
import { AppServicesCard } from './services-card.tsx'
import { AppSettingsCard } from './settings-card.tsx'

const back = { to: '/apps', text: words.title } as const

/** Renders the page at /apps/NAME. */
export function AppPage() {
  const { app: name } = useParams({ from: '/inside/apps/$app' })
  const search = useSearch({ from: '/inside/apps/$app' })
  const navigate = useNavigate({ from: '/apps/$app' })
  const onSearch = useCallback(
    (change: ListSearch) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true }),
    [navigate],
  )
  const { data, error, refetch } = useQuery(queries.model(name))
  const newest = data?.deployable.latestVersion
  const version = useQuery({ ...queries.version(name, String(newest)), enabled: newest !== undefined })
  if (!data)
    return (
      <Page title={name} back={back}>
        <WaitingCard error={error} retry={refetch} rows={6} />
      </Page>
    )
  const { deployable: model, versions, usedBy } = data
  const app = detailOf('app', version.data)?.app
  return (
    <Page
      title={name}
      back={back}
      beside={Object.keys(model.aliases).length > 0 && <AliasTags aliases={model.aliases} />}
      lead={newest !== undefined && <span>{words.version(newest)}</span>}
      actions={<ModelActions model={model} usedBy={usedBy} newest={versions.map((each) => each.version)} />}
    >
      {app && <AppServicesCard app={app} />}
      {versions.length > 0 && <RunningCard model={name} kind={model.kind} />}
      <div className="grid items-start gap-4 2xl:grid-cols-[minmax(0,1fr)_22rem]">
        <VersionsTable model={name} search={search} onSearch={onSearch} />
        <div className="flex min-w-0 flex-col gap-4">
          {app && <AppSettingsCard app={app} />}
          <ModelDeployments model={name} />
          <AliasesCard model={model} />
        </div>
      </div>
    </Page>
  )
}
