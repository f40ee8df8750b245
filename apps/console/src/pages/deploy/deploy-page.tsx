/**
 * Deploy: creates or changes a deployment step by step: the steps `what`, `where`, `how`, `review`, then go. The whole
 * draft is in the address.
 */

import { presetOf } from '@skerry/core/deployments/strategy-presets'
import { selectorWords } from '@skerry/core/selectors/selector-words'
import { useQuery } from '@tanstack/react-query'
import { ChevronLeft, ChevronRight } from 'lucide-react'
import { type ReactNode, useEffect, useMemo, useRef } from 'react'
import { Button } from '../../components/button.tsx'
import { Card, Page } from '../../components/card.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { queries } from '../../hub/queries.ts'
import { nameOf, problemsOf, readDraft } from './draft/draft.ts'
import { type Draft, type FormStep, STEPS } from './draft/draft-search.ts'
import { useFlowPlace } from './draft/flow-sources.tsx'
import { useBeginning } from './draft/use-beginning.ts'
import { useDraft } from './draft/use-draft.ts'
import { deployTexts } from './english-deploy.ts'
import { HowStep } from './how-step.tsx'
import { ReviewStep } from './review-step.tsx'
import { Stepper } from './stepper.tsx'
import { WhatStep } from './what-step.tsx'
import { WhereStep } from './where-step.tsx'

/** Renders the page at /deploy. */
export function DeployPage() {
  const state = useDraft()
  const { draft, change, go } = state
  const deployments = useQuery(queries.deployments())
  const beginning = useBeginning(state, deployments.data)
  const read = useMemo(() => readDraft(draft), [draft])
  const step = draft.step ?? 'what'
  const existing = deployments.data?.find(({ name }) => name === nameOf(draft))
  useFlowPlace({ draft, change, existing })
  const title = existing || draft.from ? deployTexts.titleChange(draft.from ?? nameOf(draft)) : deployTexts.title
  // A failed refresh is no reason to remove the draft.
  const trouble = deployments.data ? beginning.error : deployments.error
  if (trouble || !deployments.data || !beginning.isReady)
    return (
      <Page title={title}>
        <Card>
          {trouble ? <Failure error={trouble} onRetry={() => void deployments.refetch()} /> : <Loading rows={6} />}
        </Card>
      </Page>
    )
  const props = { draft, change, read, existing }
  return (
    <Page title={title}>
      <Stepper step={step} problems={read.problems} summary={summaryOf(draft)} onStep={go} />
      <StepForm step={step} onStep={go} problemCount={Object.keys(problemsOf(step, read.problems)).length}>
        {step === 'what' && <WhatStep {...props} />}
        {step === 'where' && <WhereStep {...props} />}
        {step === 'how' && <HowStep {...props} />}
        {step === 'review' && <ReviewStep {...props} onStep={go} />}
      </StepForm>
    </Page>
  )
}

function summaryOf(draft: Draft): Readonly<Record<FormStep, string>> {
  const { model, version = 'latest', waves = [] } = draft
  const preset = presetOf(readDraft({ ...draft, model: draft.model ?? 'a' }).spec?.strategy ?? { waves: [] })
  return {
    what: model === undefined ? '' : `${model}${version.startsWith('@') ? '' : ':'}${version}`,
    where: selectorWords(draft.to?.trim() || 'true', 'every device'),
    how:
      preset === undefined || (preset === 'all-at-once' && waves.length > 0)
        ? deployTexts.presets.own[0]
        : deployTexts.presets[preset][0],
    review: '',
  }
}

type StepFormProps = { step: FormStep; problemCount: number; onStep: (step: FormStep) => void; children: ReactNode }

/** Enter in any field goes to the next step. A new step begins at its heading. */
function StepForm({ step, problemCount, onStep, children }: StepFormProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  const shown = useRef(step)
  useEffect(() => {
    if (shown.current === step) return
    shown.current = step
    heading.current?.focus()
  }, [step])
  const index = STEPS.indexOf(step)
  const previous = STEPS[index - 1]
  const next = STEPS[index + 1]
  const goOn = () => next && problemCount === 0 && onStep(next)
  return (
    <form
      aria-label={deployTexts.headings[step]}
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        goOn()
      }}
    >
      <h2 ref={heading} tabIndex={-1} className="rounded text-lg font-semibold tracking-tight outline-none">
        {deployTexts.headings[step]}
      </h2>
      {children}
      <div className="flex items-center justify-between gap-3">
        {previous ? (
          <Button onClick={() => onStep(previous)}>
            <ChevronLeft size={15} aria-hidden />
            {deployTexts.back}
          </Button>
        ) : (
          <span />
        )}
        {next && (
          <Button
            look="primary"
            type="submit"
            blocked={problemCount > 0 ? deployTexts.fix(problemCount) : undefined}
            onClick={() => undefined}
          >
            {deployTexts.next}
            <ChevronRight size={15} aria-hidden />
          </Button>
        )}
      </div>
    </form>
  )
}
