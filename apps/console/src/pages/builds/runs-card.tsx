/** Runs card: the optimisations of a version, newest first. */
import type { Optimisation } from '@skerry/contract/builds/build'
import { Link } from '@tanstack/react-router'
import { Card } from '../../components/card.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Scrollable } from '../../components/scrollable.tsx'
import { buildTexts } from './english-builds.ts'
import { RunStatusBadge } from './run/run-badges.tsx'

const words = buildTexts.runs

export const RunsCard = ({ runs }: { runs: readonly Optimisation[] }) => (
  <Card title={words.title} isFlush>
    <Scrollable as="section" aria-label={words.title} className="max-h-80 overflow-y-auto">
      <ul className="divide-y divide-line">
        {runs.map((run) => (
          <li key={run.id}>
            <RunLink run={run} />
          </li>
        ))}
      </ul>
    </Scrollable>
  </Card>
)

function RunLink({ run }: { run: Optimisation }) {
  const { id, name: model, version, status, results, createdAtMs, createdBy } = run
  const admitted = results.filter(({ outcome }) => outcome === 'admitted').length
  return (
    <Link
      to="/models/$model/versions/$version/optimisations/$optimisation"
      params={{ model, version: String(version), optimisation: id }}
      className="flex items-center justify-between gap-3 px-4 py-2.5 text-sm hover:bg-raised"
    >
      <span className="min-w-0">
        <span className="block font-medium">{words.admitted(admitted, results.length)}</span>
        <span className="block truncate text-xs text-soft">
          <Instant ms={createdAtMs} className="tabular" />, {createdBy}
        </span>
      </span>
      <RunStatusBadge status={status} />
    </Link>
  )
}
