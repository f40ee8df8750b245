/** Builds view: the content of the page about the builds of one version. */
import { BEST_BUILD, type Build, type BuildPreference, type Optimisation } from '@skerry/contract/builds/build'
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import { modelBytesOf } from '@skerry/core/builds/model-bytes'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Gauge } from 'lucide-react'
import { useState } from 'react'
import { Card } from '../../components/card.tsx'
import { Empty } from '../../components/page-state.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { BuildDrawer } from './build-drawer.tsx'
import { formsOf, refusedRecipes } from './build-forms.ts'
import { buildQueries } from './build-queries.ts'
import { BuildsTable } from './builds-table.tsx'
import { ChartCard } from './chart/chart-card.tsx'
import { buildTexts } from './english-builds.ts'
import { classMeasures } from './measured/class-measures.ts'
import { MeasuresCard } from './measured/measures-card.tsx'
import { NoGolden } from './no-golden.tsx'
import { OptimiseButton } from './optimise-button.tsx'
import { RefusedCard } from './refused-card.tsx'
import { RunsCard } from './runs-card.tsx'
import { SlowNotice } from './slow-notice.tsx'

type ViewProps = { version: ModelVersionDetail }

export function BuildsView({ version }: ViewProps) {
  const { name: model, version: number } = version
  const builds = useQuery(buildQueries.builds(model, String(number)))
  const runs = useQuery(buildQueries.runs(model))
  const error = builds.error ?? runs.error
  if (!builds.data || !runs.data) return <WaitingCard error={error} retry={builds.refetch} />
  const ofVersion = runs.data.filter((run) => run.version === number)
  if (builds.data.length === 0 && ofVersion.length === 0) return <NoBuilds version={version} />
  return <Results version={version} builds={builds.data} runs={ofVersion} />
}

function NoBuilds({ version: { name: model, version, goldenCases } }: ViewProps) {
  if (goldenCases === 0) return <NoGolden model={model} />
  return (
    <Card>
      <Empty
        icon={Gauge}
        title={buildTexts.none}
        hint={buildTexts.noneHint}
        action={<OptimiseButton model={model} version={version} />}
      />
    </Card>
  )
}

type ResultsProps = ViewProps & { builds: readonly Build[]; runs: readonly Optimisation[] }

function Results({ version, builds, runs }: ResultsProps) {
  const wholeBytes = modelBytesOf(version.files)
  const measured = useQuery(buildQueries.measurements(version.name, String(version.version)))
  const measurements = measured.data ?? []
  const [prefer, setPrefer] = useState<BuildPreference>(BEST_BUILD)
  const choices = useQuery({
    ...buildQueries.choices(version.name, String(version.version), prefer),
    placeholderData: (before) => before,
  })
  const classes = classMeasures({ measurements, choices: choices.data?.rows, builds })
  const refused = refusedRecipes(runs, { version: version.version, builds })
  const forms = formsOf(version.files, builds, refused)
  return (
    <>
      <SlowNotice model={version.name} version={version.version} />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <ChartCard forms={forms} classes={classes} />
        <RunsCard runs={runs} />
      </div>
      <BuildsTable version={version} builds={builds} />
      <OutdatedNotice deployments={choices.data?.outdated ?? []} />
      <MeasuresCard
        model={version.name}
        version={version.version}
        classes={classes}
        measurements={measurements}
        prefer={prefer}
        onPrefer={setPrefer}
        nameOf={(key) => forms.find((form) => form.key === key)?.name ?? key}
      />
      {refused.length > 0 && <RefusedCard refused={refused} wholeBytes={wholeBytes} hasBuilds={builds.length > 0} />}
      <BuildDrawer builds={builds} wholeBytes={wholeBytes} />
    </>
  )
}

/** Deployments that ask for the best build, and were applied before the newest measurements. */
function OutdatedNotice({ deployments }: { deployments: readonly string[] }) {
  if (deployments.length === 0) return null
  return (
    <p role="status" className="card flex flex-wrap gap-x-2 gap-y-1 px-4 py-3 text-sm">
      {buildTexts.outdated}
      {deployments.slice(0, DEPLOYMENTS_SHOWN).map((name) => (
        <Link
          key={name}
          to="/deploy"
          search={{ from: name, step: 'review' }}
          className="rounded font-medium text-accent underline underline-offset-4"
        >
          {name}
        </Link>
      ))}
      {deployments.length > DEPLOYMENTS_SHOWN && buildTexts.details.more(deployments.length - DEPLOYMENTS_SHOWN)}
    </p>
  )
}

/** One or two lines. */
const DEPLOYMENTS_SHOWN = 12
