/** Delivery facts: how far somebody elsewhere has taken what the hub sends, what waits, and why. There is no stream of it: it can be asked for again. */
import { RotateCw, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { receiverTexts } from '../../pages/settings/trail/english-receivers.ts'
import { texts } from '../../texts/english.ts'
import { Button } from '../button.tsx'
import { Instant } from './instant.tsx'

const words = receiverTexts.state

type Delivery = {
  waiting: number
  waitingSinceMs?: number | undefined
  problem?: { message: string; sinceMs: number; attempts: number } | undefined
}

/** Rows for `Facts`. */
export function deliveryRows(
  { waiting, waitingSinceMs, problem }: Delivery,
  countText: (waiting: number) => string,
): (readonly [string, ReactNode])[] {
  return [
    [
      words.waiting,
      <span key="waiting">
        {countText(waiting)}
        {waitingSinceMs !== undefined && (
          <>
            {`, ${words.since} `}
            <Instant ms={waitingSinceMs} />
          </>
        )}
      </span>,
    ],
    ...(problem
      ? [
          [
            words.problem,
            <span key="problem" className="flex min-w-0 items-start gap-2">
              <TriangleAlert size={16} className="mt-0.5 shrink-0 text-warn" aria-hidden />
              <span className="min-w-0 wrap-anywhere">
                {`${problem.message} (${words.attempts(problem.attempts)} `}
                <Instant ms={problem.sinceMs} />)
              </span>
            </span>,
          ] as const,
        ]
      : []),
  ]
}

type LookAgainProps = { query: { dataUpdatedAt: number; isFetching: boolean; refetch: () => unknown } }

/** When it was asked, and asks again. */
export const LookAgain = ({ query: { dataUpdatedAt, isFetching, refetch } }: LookAgainProps) => (
  <span className="flex items-center gap-3 text-xs text-soft">
    <span>
      {words.asOf} <Instant ms={dataUpdatedAt} />
    </span>
    <Button isSmall blocked={isFetching ? texts.common.loading : undefined} onClick={() => void refetch()}>
      <RotateCw size={13} aria-hidden />
      {words.again}
    </Button>
  </span>
)
