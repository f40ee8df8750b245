/** Page states: loading, failed and empty, each with the next step. */
import { problemOf } from '@skerry/client/problem'
import { CircleX, type LucideIcon, ShieldOff } from 'lucide-react'
import type { ReactNode } from 'react'
import { texts } from '../texts/english.ts'
import { Button } from './button.tsx'

/** A placeholder for content that is loading. */
export const Loading = ({ rows = 3 }: { rows?: number }) => (
  <div role="status" aria-label={texts.common.loading} className="flex flex-col gap-3 p-4">
    {Array.from({ length: rows }, (_, index) => `row-${index}`).map((key, index) => (
      <div key={key} className="h-4 animate-pulse rounded bg-raised" style={{ width: `${90 - index * 14}%` }} />
    ))}
  </div>
)

/** The error, in the hub's words and with its code. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { code, message } = problemOf(error)
  // This is no failure, and a retry would not help.
  if (code === 'scope_refused')
    return <Empty icon={ShieldOff} title={texts.common.hidden} hint={texts.common.ofScope} />
  return (
    <div role="alert" className="flex flex-col items-center gap-1.5 px-6 py-12 text-center">
      <CircleX size={26} className="mb-1 text-bad" aria-hidden />
      <p className="font-semibold">{texts.common.failed}</p>
      <p className="max-w-prose text-sm text-soft wrap-anywhere">{message}</p>
      <p className="font-mono text-xs">
        {/* The page of the guide: cause and next step. A page of its own, since it is no part of the console. */}
        <a
          href={`/guide/errors/${code}`}
          target="_blank"
          rel="noreferrer"
          className="rounded text-soft underline hover:text-accent"
        >
          {code}
        </a>
      </p>
      {onRetry && (
        <Button className="mt-3" onClick={onRetry}>
          {texts.common.retry}
        </Button>
      )}
    </div>
  )
}

type EmptyProps = {
  icon: LucideIcon
  title: string
  hint?: ReactNode
  action?: ReactNode
  /** The title is the heading of the page, if it has no other content. */
  titleAs?: 'p' | 'h1'
}

/** An empty list, with the next step. */
export function Empty({ icon: Icon, title, hint, action, titleAs: Title = 'p' }: EmptyProps) {
  return (
    <div className="flex flex-col items-center gap-1.5 px-6 py-12 text-center">
      <div className="mb-2 grid size-11 place-items-center rounded-full bg-raised text-soft">
        <Icon size={20} aria-hidden />
      </div>
      <Title className="font-semibold">{title}</Title>
      {hint !== undefined && <p className="max-w-prose text-sm text-soft">{hint}</p>}
      {action !== undefined && <div className="mt-3">{action}</div>}
    </div>
  )
}
