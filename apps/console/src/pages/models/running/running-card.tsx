/** Running card: the versions of a model that serve now, each with its devices, sites, health, errors and latency. */
import { kinds, type VersionKind } from '@skerry/contract/kinds/kinds'
import type { VersionCount } from '@skerry/contract/rollouts/version-counts'
import { summariseServing } from '@skerry/core/models/serving-summary'
import { runningOnWords } from '@skerry/core/rollouts/views/version-words'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Card } from '../../../components/card.tsx'
import { DeployButton } from '../../../components/facts/deploy-button.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { kindRow } from '../../../kinds/kinds.ts'
import { texts } from '../../../texts/english.ts'
import { modelTexts } from '../english-models.ts'
import { modelQueries, SERVING_SAMPLE } from '../model-queries.ts'
import { RunningFacts } from './running-facts.tsx'

const words = modelTexts.running

/** A rollout runs two versions, and a second one three. Further versions are in the table of versions. */
const VERSIONS_SHOWN = 3

export function RunningCard({ model, kind }: { model: string; kind: VersionKind }) {
  const { data, error, refetch } = useQuery(modelQueries.serving(model))
  const versions = [...(data?.values() ?? [])].sort((a, b) => b.devices - a.devices)
  const total = versions.reduce((sum, { devices }) => sum + devices, 0)
  const silent = versions.reduce((sum, on) => sum + (on.silent ?? 0), 0)
  return (
    <Card
      title={words.title}
      isFlush
      aside={
        data && (
          <span className="text-xs text-soft tabular">
            {runningOnWords({ devices: total, silent }, texts.common.number)}
          </span>
        )
      }
    >
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading rows={2} />}
      {data && total === 0 && (
        <div className="flex flex-wrap items-center justify-between gap-3 p-4 text-sm text-soft">
          <p className="min-w-0 flex-1 basis-60">
            {kindRow(kind).untried ?? (kinds[kind].hasGoldenCases ? words.none : words.noneUntested)}
          </p>
          <DeployButton search={{ model }} look="plain" isSmall text={words.deploy} />
        </div>
      )}
      <div className="divide-y divide-line">
        {versions.slice(0, VERSIONS_SHOWN).map((on) => (
          <VersionRow key={on.version} model={model} on={on} />
        ))}
        {versions.length > VERSIONS_SHOWN && (
          <p className="px-4 py-2.5 text-xs text-soft">{words.moreVersions(versions.length - VERSIONS_SHOWN)}</p>
        )}
      </div>
    </Card>
  )
}

type RowProps = { model: string; on: VersionCount }

function VersionRow({ model, on }: RowProps) {
  const { version, devices } = on
  const { data } = useQuery(modelQueries.servingSample(model, String(version)))
  return (
    <section aria-label={words.of1(version)}>
      <p className="flex flex-wrap items-baseline gap-x-3 px-4 pt-3 text-sm">
        <Link
          to="/models/$model/versions/$version"
          params={{ model, version: String(version) }}
          className="rounded font-medium text-accent hover:underline"
        >
          {texts.models.version(version)}
        </Link>
        <span className="text-soft">{runningOnWords(on, texts.common.number)}</span>
        {devices > SERVING_SAMPLE && <span className="text-xs text-soft">{words.sample(SERVING_SAMPLE)}</span>}
      </p>
      {data ? <RunningFacts summary={summariseServing(data)} /> : <Loading rows={2} />}
    </section>
  )
}
