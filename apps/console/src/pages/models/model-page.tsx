/** Model: where it runs and how well, its versions, its deployments and its aliases. */
import { kinds } from '@skerry/contract/kinds/kinds'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import { Page } from '../../components/card.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { queries } from '../../hub/queries.ts'
import type { ListSearch } from '../../search.ts'
import { texts } from '../../texts/english.ts'
import { RouteLine } from '../routes/route-line.tsx'
import { TrafficCard } from '../traffic/traffic-card.tsx'
import { AliasTags } from './alias-tags.tsx'
import { AliasesCard } from './aliases-card.tsx'
import { ModelActions } from './model-actions.tsx'
import { ModelDeployments } from './running/model-deployments.tsx'
import { RunningCard } from './running/running-card.tsx'
import { VersionsTable } from './versions-table.tsx'

const back = { to: '/models', text: texts.model.back } as const

/** Renders the page at /models/NAME. */
export function ModelPage() {
  const { model: name } = useParams({ from: '/inside/models/$model' })
  const search = useSearch({ from: '/inside/models/$model' })
  const navigate = useNavigate({ from: '/models/$model' })
  const onSearch = useCallback(
    (change: ListSearch) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true }),
    [navigate],
  )
  const { data, error, refetch } = useQuery(queries.model(name))
  if (!data)
    return (
      <Page title={name} back={back}>
        <WaitingCard error={error} retry={refetch} rows={6} />
      </Page>
    )
  const { deployable: model, versions, usedBy } = data
  return (
    <Page
      title={name}
      back={back}
      beside={Object.keys(model.aliases).length > 0 && <AliasTags aliases={model.aliases} />}
      actions={<ModelActions model={model} usedBy={usedBy} newest={versions.map(({ version }) => version)} />}
    >
      <RouteLine model={name} />
      {versions.length > 0 && <RunningCard model={name} kind={model.kind} />}
      {versions.length > 0 && kinds[model.kind].serves && <TrafficCard model={name} />}
      <div className="grid items-start gap-4 2xl:grid-cols-[minmax(0,1fr)_22rem]">
        <VersionsTable model={name} search={search} onSearch={onSearch} />
        <div className="flex min-w-0 flex-col gap-4">
          <ModelDeployments model={name} />
          <AliasesCard model={model} />
        </div>
      </div>
    </Page>
  )
}
