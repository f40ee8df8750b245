/**
 * Review step: the deployment in words, as YAML and as a command; the effect of applying it; and the button that
 * applies it.
 */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import { useQuery } from '@tanstack/react-query'
import { Card } from '../../components/card.tsx'
import { queries } from '../../hub/queries.ts'
import { ConflictCard } from './conflict-card.tsx'
import type { FormStep } from './draft/draft-search.ts'
import { SpecForms, SpecWords } from './draft/spec-forms.tsx'
import { useGo } from './draft/use-go.ts'
import { deployTexts } from './english-deploy.ts'
import { GoBar } from './go-bar.tsx'
import { PlanCard } from './plan-card.tsx'
import { SpecChanges } from './spec-changes.tsx'
import type { StepProps } from './step-props.ts'
import { meaningOf } from './version-field.tsx'

const words = deployTexts.review

export function ReviewStep({
  draft,
  change,
  read,
  existing,
  onStep,
}: StepProps & { onStep: (step: FormStep) => void }) {
  const { spec } = read
  const models = useQuery(queries.models())
  const model = models.data?.find(({ name }) => name === draft.model)
  const base = Number(draft.base ?? 0)
  const go = useGo({ spec, base })
  const now = newerOf(go.latest, existing)
  const isConflict = go.isStale || (draft.base !== undefined && base !== (now?.revision ?? 0))
  if (!spec) return <Problems problems={read.problems} onStep={onStep} />
  return (
    <>
      {isConflict && (
        <ConflictCard
          base={base}
          existing={now}
          name={spec.name}
          onDecide={(fields) => {
            go.forget()
            change(fields)
          }}
        />
      )}
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1.5fr)_minmax(20rem,1fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <Card title={words.words}>
            <SpecWords spec={spec} version={model && meaningOf(model, spec.version)} />
          </Card>
          <PlanCard spec={spec} />
          {existing && (
            <Card title={words.changes(existing.revision)} isFlush>
              <SpecChanges
                before={existing.spec}
                after={spec}
                moved={{ from: existing.version, to: model && meaningOf(model, spec.version) }}
              />
            </Card>
          )}
        </div>
        <SpecForms spec={spec} existing={existing?.spec} />
      </div>
      <GoBar spec={spec} go={go} isConflict={isConflict} />
    </>
  )
}

/** The list may be older than the hub's last answer. */
function newerOf(latest: Deployment | undefined, listed: Deployment | undefined): Deployment | undefined {
  if (!latest || !listed) return latest ?? listed
  return latest.revision > listed.revision ? latest : listed
}

type ProblemsProps = { problems: Readonly<Record<string, string>>; onStep: (step: FormStep) => void }

/** The open errors, each with a link to its step. */
function Problems({ problems, onStep }: ProblemsProps) {
  return (
    <Card title={words.unready}>
      <ul className="flex flex-col gap-1.5 text-sm">
        {Object.entries(problems).map(([field, problem]) => (
          <li key={field}>
            <button
              type="button"
              className="rounded text-left text-accent underline-offset-2 hover:underline"
              onClick={() => onStep(stepOf(field))}
            >
              {field}
            </button>
            : <span className="text-bad">{problem}</span>
          </li>
        ))}
      </ul>
    </Card>
  )
}

function stepOf(field: string): FormStep {
  if (field === 'to') return 'where'
  return /^(name|model|version|build|serving|probation)/.test(field) ? 'what' : 'how'
}
