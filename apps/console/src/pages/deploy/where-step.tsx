/** The step `where`: the selector, as conditions or as text, and the devices that it picks. */
import { Card } from '../../components/card.tsx'
import { Field } from '../../components/fields.tsx'
import { TextInput } from '../../components/text-input.tsx'
import { nameOf } from './draft/draft.ts'
import { FlowSourcesNote, useFlowSources } from './draft/flow-sources.tsx'
import { deployTexts } from './english-deploy.ts'
import { PreviewPanel } from './preview-panel.tsx'
import { SelectorBuilder } from './selector-builder.tsx'
import type { StepProps } from './step-props.ts'

const words = deployTexts.where

export function WhereStep({ draft, change, read, existing }: StepProps) {
  const flow = useFlowSources(draft)
  const text = draft.to ?? 'true'
  const problem = read.problems.to
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1.35fr)_minmax(19rem,1fr)]">
      <div className="flex min-w-0 flex-col gap-4">
        <Card title={words.rows}>
          <div className="flex flex-col gap-3">
            {flow && <FlowSourcesNote found={flow} {...{ draft, change }} />}
            <SelectorBuilder text={text} problem={problem} onChange={(to) => change({ to })} />
          </div>
        </Card>
        <Card title={words.place}>
          <Field label={words.placeLabel} hint={words.placeHint} error={read.problems.place}>
            {(control) => (
              <TextInput control={control} value={draft.place ?? ''} onChange={(place) => change({ place })} />
            )}
          </Field>
        </Card>
      </div>
      <PreviewPanel
        selector={problem === undefined ? text.trim() : undefined}
        deployable={read.problems.model === undefined && read.problems.version === undefined ? draft.model : undefined}
        version={draft.version ?? 'latest'}
        deployment={existing ? nameOf(draft) : undefined}
      />
    </div>
  )
}
