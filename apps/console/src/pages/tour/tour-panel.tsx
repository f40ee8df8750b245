/** Tour panel: the present step, below the page, so that it covers nothing. A person can leave it at any time. */
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Copyable } from '../../components/facts/copyable.tsx'
import { texts } from '../../texts/english.ts'
import { tourTexts as words } from './english-tour.ts'
import { RemoveSample } from './remove-sample.tsx'
import { SAMPLE_SITE } from './sample-site.ts'
import { TourEnd } from './tour-end.tsx'
import { setTourStep } from './tour-state.ts'
import { stepAt, stepBeside, TOUR_STEPS } from './tour-steps.ts'
import { useTourRefusal } from './use-tour-permission.ts'

export function TourPanel({ step }: { step: number }) {
  const navigate = useNavigate()
  const heading = useRef<HTMLHeadingElement>(null)
  const [isRemoving, setRemoving] = useState(false)
  const refusal = useTourRefusal()
  const { name } = stepAt(step)
  const [title, text] = words.steps[name]
  // Somebody who hears the page hears the step first, and the next tabulator key reaches its buttons.
  useEffect(() => {
    if (stepAt(step).name === name) heading.current?.focus()
  }, [step, name])
  const go = (other: number) => {
    setTourStep(other)
    void navigate({ href: stepAt(other).to })
  }
  const back = stepBeside(step, -1)
  const next = stepBeside(step, 1)
  return (
    <section
      aria-label={words.title}
      className="flex max-h-[45vh] flex-wrap items-end justify-between gap-3 overflow-y-auto border-t border-line bg-surface px-4 py-3 lg:px-6"
    >
      <div className="flex max-w-3xl min-w-0 flex-col gap-1">
        <span className="text-xs text-soft tabular">{words.progress(step + 1, TOUR_STEPS.length)}</span>
        <h2 ref={heading} tabIndex={-1} className="rounded text-sm font-semibold">
          {title}
        </h2>
        <p className="text-sm text-soft">{text}</p>
        {name === 'devices' && <Copyable value={texts.steps.device.command(SAMPLE_SITE)} what={words.command} />}
        {name === 'end' && <TourEnd />}
      </div>
      <span className="flex flex-wrap gap-2">
        <Button isSmall look="quiet" onClick={() => setTourStep(null)}>
          {next === undefined ? words.finish : words.leave}
        </Button>
        {next === undefined && (
          <Button isSmall look="danger" blocked={refusal} onClick={() => setRemoving(true)}>
            {words.sample.remove}
          </Button>
        )}
        {back !== undefined && (
          <Button isSmall onClick={() => go(back)}>
            {words.back}
          </Button>
        )}
        {next !== undefined && (
          <Button isSmall look="primary" onClick={() => go(next)}>
            {words.next}
          </Button>
        )}
      </span>
      {isRemoving && <RemoveSample onClose={() => setRemoving(false)} />}
    </section>
  )
}
