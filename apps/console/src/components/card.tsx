/** Cards and pages: the layout of content on the screen. */
import { Link } from '@tanstack/react-router'
import { ChevronLeft } from 'lucide-react'
import { type ReactNode, useEffect } from 'react'
import { texts } from '../texts/english.ts'
import { cn } from './class-names.ts'

type CardProps = { title?: ReactNode; aside?: ReactNode; children: ReactNode; className?: string; isFlush?: boolean }

/** A group with a title. A flush card has no inner space; its content brings its own. */
export function Card({ title, aside, children, className, isFlush }: CardProps) {
  return (
    <section className={cn('card min-w-0', isFlush && 'overflow-hidden', className)}>
      {title !== undefined && (
        <header className="flex min-h-11 items-center justify-between gap-3 border-b border-line px-4 py-1.5">
          <h2 className="text-sm font-semibold">{title}</h2>
          {aside}
        </header>
      )}
      <div className={cn(!isFlush && 'p-4')}>{children}</div>
    </section>
  )
}

type PageProps = {
  title: string
  /** Beside the title: a badge, a count. */
  beside?: ReactNode
  lead?: ReactNode
  actions?: ReactNode
  back?: {
    to:
      | '/sites'
      | '/devices'
      | '/models'
      | '/monitors'
      | '/captures'
      | '/campaigns'
      | '/surveys'
      | '/git-sources'
      | '/model-feeds'
      | '/groups'
      | '/learning'
      | '/deployments'
      | '/rollouts'
      | '/routes'
      | '/batches'
      | '/sources'
      | '/sinks'
      | '/flows'
      | '/apps'
      | '/market'
      | '/approvals'
      | '/vulnerabilities'
    text: string
  }
  children: ReactNode
  /** Fills the height of the window, so that a list in it scrolls by itself. */
  isFull?: boolean
}

/** A page with its title, which is the title of the window too. */
export function Page({ title, beside, lead, actions, back, children, isFull }: PageProps) {
  useEffect(() => {
    document.title = `${title} · ${texts.shell.product}`
  }, [title])
  return (
    <div className={cn('mx-auto flex w-full max-w-[104rem] flex-col gap-4 p-4 lg:p-6', isFull && 'h-full min-h-0')}>
      <header className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          {back && (
            <Link
              to={back.to}
              className="-ml-1 mb-1 inline-flex items-center gap-0.5 rounded text-xs text-soft hover:text-text"
            >
              <ChevronLeft size={14} aria-hidden />
              {back.text}
            </Link>
          )}
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1 className="text-xl leading-tight font-semibold tracking-tight wrap-anywhere">{title}</h1>
            {beside}
          </div>
          {lead !== undefined && (
            <div className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-0.5 text-sm text-soft">{lead}</div>
          )}
        </div>
        {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

/** Names and values, one under the other. */
export function Facts({ rows }: { rows: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[minmax(6.5rem,auto)_1fr] gap-x-4 gap-y-2 text-sm">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-soft">{name}</dt>
          <dd className="flex min-w-0 items-center wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Labels as small tags, `key=value`; at most `max` of them. */
export function LabelTags({
  labels,
  max = Number.POSITIVE_INFINITY,
}: {
  labels: Readonly<Record<string, string>>
  max?: number
}) {
  const all = Object.entries(labels).sort(([a], [b]) => a.localeCompare(b))
  const shown = all.slice(0, max)
  return (
    <span className="flex min-w-0 flex-wrap gap-1">
      {shown.map(([key, value]) => (
        <span key={key} className="truncate rounded bg-raised px-1.5 py-px font-mono text-2xs leading-5 text-soft">
          {key}={value}
        </span>
      ))}
      {all.length > shown.length && <span className="text-xs text-faint">+{all.length - shown.length}</span>}
    </span>
  )
}
