/**
 * Explanation: the reason why a device runs a deployment, or does not. The page fetches it when somebody wants to know.
 */
import type { Device } from '@skerry/contract/devices/device'
import { useQuery } from '@tanstack/react-query'
import { ChevronDown, CircleCheck, CircleX } from 'lucide-react'
import { type ReactNode, useId, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { cn } from '../../../components/class-names.ts'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { StandingList } from '../../systems/standing-list.tsx'
import { deviceQueries } from '../device-queries.ts'
import { deviceWords as words } from '../english-device.ts'

type Question = { device: Pick<Device, 'id'>; deployment: string }

/** A button, and the part that it opens under the row. `children` stands before the button, `after` behind it. */
export function WhyDisclosure({ children, after, ...question }: Question & { children: ReactNode; after?: ReactNode }) {
  const [isOpen, setOpen] = useState(false)
  const id = useId()
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        {children}
        <span className="flex-1" />
        <Button
          isSmall
          look="quiet"
          aria-expanded={isOpen}
          aria-controls={id}
          aria-label={words.whyOf(question.deployment)}
          onClick={() => setOpen(!isOpen)}
        >
          {words.why}
          <ChevronDown size={13} aria-hidden className={cn('transition-transform', isOpen && 'rotate-180')} />
        </Button>
        {after}
      </div>
      <div id={id} hidden={!isOpen}>
        {isOpen && <Explanation {...question} />}
      </div>
    </>
  )
}

/** The answer: a sentence, then each check with its result. */
export function Explanation({ device, deployment }: Question) {
  const { data, error, refetch } = useQuery(deviceQueries.explanation(device, deployment))
  if (error) return <Failure error={error} onRetry={() => void refetch()} />
  if (!data) return <Loading rows={3} />
  return (
    <div className="rounded-md bg-raised p-3 text-sm">
      <p className="wrap-anywhere">{data.summary}</p>
      {data.form !== undefined && <p className="mt-1 wrap-anywhere text-soft">{data.form}</p>}
      {data.parts && <StandingList parts={data.parts} />}
      <ul aria-label={words.checks} className="mt-2.5 flex flex-col gap-1.5">
        {data.checks.map(({ check, passed, detail }) => (
          <li key={check} className="flex items-start gap-2">
            {passed ? (
              <CircleCheck size={15} className="mt-0.5 shrink-0 text-good" aria-hidden />
            ) : (
              <CircleX size={15} className="mt-0.5 shrink-0 text-bad" aria-hidden />
            )}
            <span className="min-w-0 wrap-anywhere">
              <span className="font-medium">{check}</span>
              <span className="sr-only"> {passed ? words.passed : words.checkFailed}</span>
              <span className={passed ? 'text-soft' : 'text-bad'}>: {detail}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}
