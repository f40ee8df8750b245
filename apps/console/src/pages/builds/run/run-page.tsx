/** Run page: one optimisation, each recipe with its state, its result and its figures. It updates by itself. */
import type { Optimisation } from '@skerry/contract/builds/build'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Page } from '../../../components/card.tsx'
import { Confirmation } from '../../../components/dialogs/confirmation.tsx'
import { WaitingCard } from '../../../components/waiting-card.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { texts } from '../../../texts/english.ts'
import { BUTTON_LINK } from '../../models/button-link.ts'
import { buildQueries } from '../build-queries.ts'
import { buildTexts } from '../english-builds.ts'
import { OptimiseButton } from '../optimise-button.tsx'
import { WorstCard } from '../worst/worst-card.tsx'
import { ResultsCard } from './results-card.tsx'
import { RunStatusBadge } from './run-badges.tsx'
import { RunFacts } from './run-facts.tsx'

const words = buildTexts.run

/** Renders the page at /models/NAME/versions/NUMBER/optimisations/ID. */
export function RunPage() {
  const { model, version, optimisation } = useParams({
    from: '/inside/models/$model/versions/$version/optimisations/$optimisation',
  })
  const { data, error, refetch } = useQuery(buildQueries.run(optimisation))
  const name = `${model}:${version}`
  return (
    <Page
      title={words.title(name)}
      back={{ to: '/models', text: texts.model.back }}
      beside={data && <RunStatusBadge status={data.status} />}
      lead={
        <Link
          to="/models/$model/versions/$version"
          params={{ model, version }}
          className="rounded font-medium text-text hover:underline"
        >
          {name}
        </Link>
      }
      actions={data && <RunActions run={data} />}
    >
      {!data && <WaitingCard error={error} retry={refetch} />}
      {data && (
        <>
          <RunFacts run={data} />
          <ResultsCard run={data} />
          <WorstCard run={data} />
        </>
      )}
    </Page>
  )
}

function RunActions({ run }: { run: Optimisation }) {
  const [isAsking, setAsking] = useState(false)
  const isOver = run.endedAtMs !== undefined
  return (
    <>
      <Link
        to="/models/$model/versions/$version/builds"
        params={{ model: run.name, version: String(run.version) }}
        className={isOver ? BUTTON_LINK.primary : BUTTON_LINK.plain}
      >
        {words.toBuilds}
      </Link>
      {isOver && <OptimiseButton model={run.name} version={run.version} />}
      {!isOver && (
        <GuardedButton permission="build.write" look="danger" onClick={() => setAsking(true)}>
          {words.cancel}
        </GuardedButton>
      )}
      {isAsking && (
        <Confirmation
          title={words.cancelTitle}
          lead={words.cancelLead}
          verb={words.cancelVerb}
          isDanger
          run={() => hub.optimisation.cancel({ optimisation: run.id })}
          done={words.cancelled}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}
