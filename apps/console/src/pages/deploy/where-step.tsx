/** The step `where`: the selector, as conditions or as text, and the devices that it picks. */
import { Card } from '../../components/card.tsx'
import { nameOf } from './draft/draft.ts'
import { deployTexts } from './english-deploy.ts'
import { PreviewPanel } from './preview-panel.tsx'
import { SelectorBuilder } from './selector-builder.tsx'
import type { StepProps } from './step-props.ts'

export function WhereStep({ draft, change, read, existing }: StepProps) {
  const text = draft.to ?? 'true'
  const problem = read.problems.to
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1.35fr)_minmax(19rem,1fr)]">
      <Card title={deployTexts.where.rows}>
        <SelectorBuilder text={text} problem={problem} onChange={(to) => change({ to })} />
      </Card>
      <PreviewPanel
        selector={problem === undefined ? text.trim() : undefined}
        deployable={read.problems.model === undefined && read.problems.version === undefined ? draft.model : undefined}
        version={draft.version ?? 'latest'}
        deployment={existing ? nameOf(draft) : undefined}
      />
    </div>
  )
}
