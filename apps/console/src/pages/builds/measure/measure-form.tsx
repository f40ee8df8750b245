/** Measure form: the builds, the devices and the limits of a measurement. It ends in a batch, which people sign and send. */
import type { BenchRequest } from '@skerry/contract/builds/bench-command'
import type { Build } from '@skerry/contract/builds/build'
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Field, type FieldControl, INPUT } from '../../../components/fields.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { useMissing } from '../../../hub/permission.ts'
import { BatchPlanCard } from '../../batches/batch-plan-card.tsx'
import { SelectorBuilder } from '../../deploy/selector-builder.tsx'
import { nameOfBuild } from '../build-forms.ts'
import { buildQueries } from '../build-queries.ts'
import { buildTexts } from '../english-builds.ts'
import { NoGolden } from '../no-golden.tsx'
import { useBatch } from '../use-batch.ts'
import { type MeasureDraft, measureDraftOf, readMeasure } from './measure-draft.ts'

const words = buildTexts.measure

type FormProps = { version: ModelVersionDetail }

export function MeasureForm({ version }: FormProps) {
  const builds = useQuery(buildQueries.builds(version.name, String(version.version)))
  if (version.goldenCases === 0) return <NoGolden model={version.name} />
  if (!builds.data)
    return (
      <Card>
        {builds.error ? <Failure error={builds.error} onRetry={() => void builds.refetch()} /> : <Loading rows={6} />}
      </Card>
    )
  return <Form version={version} builds={builds.data} />
}

function Form({ version: { name: model, version }, builds }: FormProps & { builds: readonly Build[] }) {
  const [draft, setDraft] = useState(() => measureDraftOf(builds))
  // The hub composes the command. The batch has a permission of its own.
  const missing = useMissing('build.write')
  const change = (part: Partial<MeasureDraft>) => setDraft((before) => ({ ...before, ...part }))
  const { request, problems } = readMeasure(draft)
  const { submit, isBusy, error } = useBatch()
  const create = (wanted: BenchRequest) =>
    submit({
      compose: () => hub.build.benchCommand({ name: model, version: String(version), ...wanted }),
      selector: draft.selector,
    })
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1.35fr)_minmax(19rem,1fr)]">
      <div className="flex min-w-0 flex-col gap-4">
        <BuildChoice
          builds={builds}
          chosen={draft.builds}
          problem={problems.builds}
          onChange={(chosen) => change({ builds: chosen })}
        />
        <Card title={words.where}>
          <SelectorBuilder
            text={draft.selector}
            problem={problems.selector}
            onChange={(selector) => change({ selector })}
          />
        </Card>
        <Card title={words.limits}>
          <p className="mb-3 text-sm text-soft">{words.limitsHint}</p>
          <div className="grid gap-x-6 gap-y-4 sm:grid-cols-2">
            <Field label={words.seconds} hint={words.secondsHint} error={problems.seconds}>
              {(control) => (
                <NumberInput control={control} value={draft.seconds} onChange={(seconds) => change({ seconds })} />
              )}
            </Field>
            <Field label={words.cpuPercent} hint={words.cpuPercentHint} error={problems.cpuPercent}>
              {(control) => (
                <NumberInput
                  control={control}
                  value={draft.cpuPercent}
                  onChange={(cpuPercent) => change({ cpuPercent })}
                />
              )}
            </Field>
          </div>
          <Choice
            name={words.sessions}
            hint={words.sessionsHint}
            isChosen={draft.sessions ?? false}
            onChange={(sessions) => change({ sessions })}
          />
          <Choice
            name={words.batches}
            hint={words.batchesHint}
            isChosen={draft.batches ?? false}
            onChange={(batches) => change({ batches })}
          />
        </Card>
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <BatchPlanCard selector={problems.selector === undefined ? draft.selector : undefined} />
        <div className="card flex flex-col gap-3 p-4">
          <p className="text-sm text-soft">{words.createHint}</p>
          {error !== undefined && (
            <p role="alert" className="text-sm wrap-anywhere text-bad">
              {error}
            </p>
          )}
          <GuardedButton
            permission="batch.create"
            look="primary"
            blocked={missing ?? (isBusy ? words.create : Object.values(problems)[0])}
            onClick={() => request && void create(request)}
          >
            {words.create}
          </GuardedButton>
        </div>
      </div>
    </div>
  )
}

type ChoiceProps = {
  builds: readonly Build[]
  chosen: ReadonlySet<string>
  problem: string | undefined
  onChange: (chosen: ReadonlySet<string>) => void
}

function BuildChoice({ builds, chosen, problem, onChange }: ChoiceProps) {
  const toggle = (id: string) => {
    const next = new Set(chosen)
    if (!next.delete(id)) next.add(id)
    onChange(next)
  }
  return (
    <Card title={words.what}>
      <fieldset>
        <legend className="mb-2 text-sm text-soft">{builds.length === 0 ? words.onlyVersion : words.whatHint}</legend>
        <div className="grid gap-x-6 gap-y-2 sm:grid-cols-2">
          {builds.map((build) => (
            <label key={build.id} className="flex items-center gap-2 text-sm">
              <input
                type="checkbox"
                className="size-4 accent-(--accent)"
                checked={chosen.has(build.id)}
                onChange={() => toggle(build.id)}
              />
              <code className="font-mono text-xs">{nameOfBuild(build, builds)}</code>
            </label>
          ))}
        </div>
      </fieldset>
      {problem !== undefined && (
        <p role="alert" className="mt-2 text-xs text-bad">
          {problem}
        </p>
      )}
    </Card>
  )
}

type SwitchProps = { name: string; hint: string; isChosen: boolean; onChange: (isChosen: boolean) => void }

const Choice = ({ name, hint, isChosen, onChange }: SwitchProps) => (
  <label className="mt-4 flex items-start gap-2 text-sm">
    <input
      type="checkbox"
      className="mt-0.5 size-4 accent-(--accent)"
      checked={isChosen}
      onChange={({ target }) => onChange(target.checked)}
    />
    <span>
      {name}
      <span className="block text-xs text-soft">{hint}</span>
    </span>
  </label>
)

type InputProps = { control: FieldControl; value: string; onChange: (value: string) => void }

const NumberInput = ({ control, value, onChange }: InputProps) => (
  <input
    {...control}
    className={INPUT}
    inputMode="numeric"
    autoComplete="off"
    value={value}
    onChange={({ target }) => onChange(target.value)}
  />
)
