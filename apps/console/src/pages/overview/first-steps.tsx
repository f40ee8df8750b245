/** First steps: the way from an empty hub to a model at work. The hub's state ticks each step, not a click. */
import type { Status } from '@skerry/contract/api/hub-procedures'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Cable, CircleCheck, CircleDashed } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { cn } from '../../components/class-names.ts'
import { Copyable } from '../../components/facts/copyable.tsx'
import { queries } from '../../hub/queries.ts'
import { texts } from '../../texts/english.ts'
import { NewTokenDialog } from '../settings/joining/new-token-dialog.tsx'
import { SiteDialog } from '../sites/site-dialog.tsx'
import { isUntouched } from '../tour/sample-site.ts'

const words = texts.steps

/** Loaded only on an empty hub, with all that makes a sample. */
const TourOffer = lazy(async () => ({ default: (await import('../tour/tour-offer.tsx')).TourOffer }))

const ACTION_LINK =
  'inline-flex h-7 items-center rounded-md border border-line-strong bg-surface px-2 text-xs font-medium hover:bg-raised'

type Step = { name: 'site' | 'device' | 'model' | 'deploy'; isDone: boolean; command?: string; action: ReactNode }

export function FirstSteps({ status, devices }: { status: Status; devices: number }) {
  const [dialog, setDialog] = useState<'site' | 'token'>()
  // The command names the first site. A hub that is this empty has few.
  const { data: sites } = useQuery(queries.siteStates())
  const site = sites?.[0]?.site
  const close = () => setDialog(undefined)
  const steps: Step[] = [
    {
      name: 'site',
      isDone: status.sites > 0,
      action: (
        <GuardedButton permission="site.write" isSmall onClick={() => setDialog('site')}>
          {words.site.action}
        </GuardedButton>
      ),
    },
    {
      name: 'device',
      isDone: devices > 0,
      ...(site !== undefined && { command: words.device.command(site) }),
      action: (
        <GuardedButton permission="token.write" isSmall onClick={() => setDialog('token')}>
          {words.device.action}
        </GuardedButton>
      ),
    },
    {
      name: 'model',
      isDone: status.models > 0,
      command: words.model.command(),
      action: (
        <Link to="/models/upload" className={ACTION_LINK}>
          {words.model.action}
        </Link>
      ),
    },
    {
      name: 'deploy',
      isDone: status.deployments > 0,
      command: words.deploy.command(),
      action: (
        <Link to="/deploy" className={ACTION_LINK}>
          {words.deploy.action}
        </Link>
      ),
    },
  ]
  const next = steps.find(({ isDone }) => !isDone)?.name
  const done = steps.filter(({ isDone }) => isDone).length
  return (
    <Card
      isFlush
      title={words.title}
      aside={
        <span className="flex items-center gap-4">
          {isUntouched(status) && (
            <Suspense>
              <TourOffer />
            </Suspense>
          )}
          <span className="text-xs text-soft tabular">{words.progress(done, steps.length)}</span>
        </span>
      }
    >
      <ol aria-label={words.title} className="grid divide-line max-lg:divide-y lg:grid-cols-4 lg:divide-x">
        {steps.map((step, index) => (
          <StepView key={step.name} step={step} number={index + 1} isNext={step.name === next} />
        ))}
      </ol>
      {/* Not counted: a person without equipment is ready without it. */}
      <p className="flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-line px-4 py-3 text-xs text-soft">
        <Cable size={15} aria-hidden className="shrink-0" />
        <span className="min-w-48 flex-1 wrap-anywhere">
          <span className="font-semibold text-text">{words.equipment.title}</span> {words.equipment.hint}
        </span>
        <Link to="/sources/new" className={ACTION_LINK}>
          {words.equipment.action}
        </Link>
        <Link to="/learning" className={ACTION_LINK}>
          {words.equipment.learn}
        </Link>
      </p>
      {dialog === 'site' && <SiteDialog onClose={close} />}
      {dialog === 'token' && <NewTokenDialog onClose={close} {...(site !== undefined && { site })} />}
    </Card>
  )
}

function StepView({ step, number, isNext }: { step: Step; number: number; isNext: boolean }) {
  const { name, isDone, command, action } = step
  const { title, hint } = words[name]
  const Icon = isDone ? CircleCheck : CircleDashed
  return (
    <li
      aria-current={isNext ? 'step' : undefined}
      className={cn('flex min-w-0 flex-col gap-2 p-4', isNext && 'bg-accent/5')}
    >
      <span className={cn('flex items-center gap-2 text-sm font-semibold', isDone && 'text-soft')}>
        <Icon size={17} className={isDone ? 'text-good' : isNext ? 'text-accent' : 'text-faint'} aria-hidden />
        {`${number}. ${title}`}
        {isDone && <span className="text-xs font-normal text-good">{words.done}</span>}
      </span>
      {!isDone && <span className="text-xs text-soft">{hint}</span>}
      {!isDone && (
        <span className="mt-auto flex flex-col items-start gap-2 pt-1">
          {action}
          {command !== undefined && <Copyable value={command} what={words.commandLabel} />}
        </span>
      )}
    </li>
  )
}
