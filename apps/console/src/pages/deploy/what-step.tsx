/** The step `what`: the model and its version, the name of the deployment, and the way it is served. */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import { runningWords } from '@skerry/core/rollouts/views/version-words'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Boxes, Info, TriangleAlert } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Field, INPUT, Select } from '../../components/fields.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { queries } from '../../hub/queries.ts'
import { DraftSettings } from '../apps/draft-settings.tsx'
import { FormField } from '../builds/form-field.tsx'
import { begunFrom, NO_SETTINGS } from './draft/beginning.ts'
import { draftOf, nameOf } from './draft/draft.ts'
import { deployTexts } from './english-deploy.ts'
import { ServingFields } from './serving-fields.tsx'
import type { StepProps } from './step-props.ts'
import { VersionField } from './version-field.tsx'

const words = deployTexts.fields

export function WhatStep({ draft, change, read, existing }: StepProps) {
  const models = useQuery(queries.models())
  if (models.error)
    return (
      <Card>
        <Failure error={models.error} onRetry={() => void models.refetch()} />
      </Card>
    )
  if (!models.data)
    return (
      <Card>
        <Loading rows={4} />
      </Card>
    )
  if (models.data.length === 0) return <NoModels />
  const { problems } = read
  return (
    <>
      <Card>
        <div className="grid max-w-3xl gap-x-6 gap-y-5 md:grid-cols-2">
          <Field label={words.model} error={draft.model === undefined ? undefined : problems.model}>
            {(control) => (
              <Select
                {...control}
                value={draft.model ?? ''}
                // An unnamed deployment takes the name of its model. Another model therefore makes it a different
                // deployment.
                onChange={(event) =>
                  change({
                    model: event.target.value || undefined,
                    version: undefined,
                    build: undefined,
                    // Settings that came with the model before are not those of this one.
                    ...(draft.model !== undefined && draft.step === undefined && NO_SETTINGS),
                    ...(draft.name === undefined && { base: undefined }),
                  })
                }
              >
                <option value="">{words.chooseModel}</option>
                {models.data.map(({ name }) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <VersionField
            model={models.data.find(({ name }) => name === draft.model)}
            version={draft.version ?? 'latest'}
            onChange={(version) => change({ version: version === 'latest' ? undefined : version, build: undefined })}
            error={problems.version}
          />
          <FormField
            model={models.data.find(({ name }) => name === draft.model)}
            version={draft.version ?? 'latest'}
            build={draft.build}
            onChange={(build) => change({ build })}
            error={problems.build}
          />
          <Field label={words.name} hint={words.nameHint} error={problems.name}>
            {(control) => (
              <input
                {...control}
                className={INPUT}
                maxLength={63}
                autoComplete="off"
                spellCheck={false}
                value={nameOf(draft)}
                onChange={(event) => change({ name: event.target.value, base: undefined })}
              />
            )}
          </Field>
          <NameNotice
            draft={draft}
            existing={existing}
            onLoad={(deployment) => change({ ...draftOf(deployment.spec), base: String(deployment.revision) })}
          />
        </div>
      </Card>
      <DraftSettings draft={draft} change={change} />
      <ServingFields draft={draft} change={change} problems={problems} />
    </>
  )
}

const NoModels = () => (
  <Card>
    <Empty
      icon={Boxes}
      title={words.noModels}
      hint={words.noModelsHint}
      action={
        <Link to="/models" className="text-sm font-medium text-accent underline underline-offset-4">
          {words.toModels}
        </Link>
      }
    />
  </Card>
)

function runsText(existing: Deployment): string {
  const { spec, version, devices } = existing
  const running = runningWords(existing)
  if (running === undefined) return words.existingRuns(spec.deployable, version, devices.healthy)
  return words.existingRunning(spec.deployable, version, running)
}

type NoticeProps = Pick<StepProps, 'draft' | 'existing'> & { onLoad: (deployment: Deployment) => void }

/** Shows whether the name creates a new deployment, or changes an existing one. */
function NameNotice({ draft, existing, onLoad }: NoticeProps) {
  const { data = [] } = useQuery(queries.deployments())
  const source = begunFrom(draft, data)
  if (nameOf(draft) === '') return null
  if (!existing)
    return (
      <p role="status" className="flex items-start gap-2 self-end pb-6 text-sm text-soft max-md:pb-0">
        <Info size={16} className="mt-0.5 shrink-0" aria-hidden />
        <span>
          {words.newName} {source && words.begunFrom(source.name)}
        </span>
      </p>
    )
  const { name, revision, spec } = existing
  const isOther = draft.model !== undefined && spec.deployable !== draft.model
  const Icon = isOther ? TriangleAlert : Info
  return (
    <div role="status" className="flex items-start gap-2.5 rounded-md bg-raised p-3 text-sm">
      <Icon size={16} className={isOther ? 'mt-0.5 shrink-0 text-warn' : 'mt-0.5 shrink-0 text-soft'} aria-hidden />
      <div className="min-w-0 wrap-anywhere">
        <p className="font-medium">{words.existing(name, revision + 1)}</p>
        <p className="mt-0.5 text-soft">{isOther ? words.otherModel(spec.deployable) : runsText(existing)}</p>
        {source?.name === name && <p className="mt-0.5 text-soft">{words.begunFromIt}</p>}
        {draft.from === undefined && source?.name !== name && (
          <Button isSmall className="mt-2" onClick={() => onLoad(existing)}>
            {words.load}
          </Button>
        )}
      </div>
    </div>
  )
}
