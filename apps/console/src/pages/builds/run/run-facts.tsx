/** Run facts: the progress of an optimisation as a bar and in words, its goal, and its author. */
import type { FidelityGoal, Optimisation } from '@skerry/contract/builds/build'
import { goalTexts } from '@skerry/core/builds/goal-text'
import { Instant } from '../../../components/facts/instant.tsx'
import { buildTexts } from '../english-builds.ts'

const words = buildTexts.run

/** The goals for labels and others after the two of each optimisation. */
const goalText = (goal: FidelityGoal) =>
  [words.goal(goal.agreementMin, goal.differenceMax), ...goalTexts(goal).slice(2)].join('; ')

export function RunFacts({ run }: { run: Optimisation }) {
  const { results, goal, status, createdBy, createdAtMs, endedAtMs } = run
  const done = results.filter(({ outcome }) => outcome !== 'waiting').length
  const admitted = results.filter(({ outcome }) => outcome === 'admitted').length
  const progress = words.progress(done, results.length, admitted)
  return (
    <section className="card flex flex-col gap-3 p-4 text-sm">
      <p role="status" className="font-medium">
        {progress}
      </p>
      <div aria-hidden className="h-1.5 overflow-hidden rounded-full bg-raised">
        <div className="h-full rounded-full bg-accent" style={{ width: `${(100 * done) / results.length}%` }} />
      </div>
      <p className="text-soft">{goalText(goal)}.</p>
      {endedAtMs === undefined && (
        <p className="text-soft">
          {status === 'queued' && `${words.queuedHint} `}
          {words.stays}
        </p>
      )}
      <p className="flex flex-wrap gap-x-4 gap-y-1 text-soft">
        <span>
          {words.startedBy} {createdBy}
        </span>
        <span>
          {words.started} <Instant ms={createdAtMs} />
        </span>
        {endedAtMs !== undefined && (
          <span>
            {words.ended} <Instant ms={endedAtMs} />
          </span>
        )}
      </p>
    </section>
  )
}
