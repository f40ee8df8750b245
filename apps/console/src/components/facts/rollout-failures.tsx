/** Rollout failures: the devices on which a rollout failed with their reasons, and the commands that help next. */
import type { RolloutFailure, RolloutStatus } from '@skerry/contract/rollouts/rollout'
import { failureCommands, failureReason, failureText } from '@skerry/core/deployments/rollout-failures'
import { CircleX } from 'lucide-react'
import type { ReactElement } from 'react'
import { failureTexts } from '../../texts/english-failures.ts'
import { Tooltip } from '../dialogs/tooltip.tsx'
import { Copyable } from './copyable.tsx'
import { DeviceLink } from './device-link.tsx'

type Failed = {
  deployment: string
  status: RolloutStatus
  failures?: readonly RolloutFailure[] | undefined
  revision?: number | undefined
}

/** A superseded rollout is history, and its failures are no news. */
const isNews = ({ status, failures = [] }: Omit<Failed, 'deployment'>) => status !== 'superseded' && failures.length > 0

/** A card for the head of a page; nothing if no device failed. `more` is the number of devices that it does not name. */
export function RolloutFailures({ more = 0, ...failed }: Failed & { more?: number }) {
  const { failures = [] } = failed
  if (!isNews(failed)) return null
  return (
    <section aria-label={failureTexts.title} className="card flex gap-2.5 px-4 py-3 text-sm">
      <CircleX size={16} className="mt-0.5 shrink-0 text-bad" aria-hidden />
      <div className="flex min-w-0 flex-col gap-2">
        <ul className="flex flex-col gap-1">
          {failures.map((failure) => (
            <li key={failure.device} className="wrap-anywhere">
              <DeviceLink device={failure.device} /> <span className="text-soft">{failureReason(failure)}</span>
            </li>
          ))}
          {more > 0 && <li className="text-soft">{failureTexts.more(more)}</li>}
        </ul>
        <div className="flex min-w-0 flex-col gap-x-4 text-soft sm:flex-row">
          <span>{failureTexts.next}</span>
          <div className="flex min-w-0 flex-wrap items-center gap-x-4 gap-y-1">
            {failureCommands(failed).map((command) => (
              <Copyable key={command} value={command} what={failureTexts.command} isWhole />
            ))}
          </div>
        </div>
      </div>
    </section>
  )
}

type TooltipProps = Omit<Failed, 'deployment'> & { children: ReactElement<{ 'data-tooltip'?: string }> }

/** The reasons as a tooltip of its child, for lists. */
export function FailureTooltip({ children, ...failed }: TooltipProps) {
  if (!isNews(failed)) return children
  return <Tooltip text={(failed.failures ?? []).map(failureText).join('\n')}>{children}</Tooltip>
}
