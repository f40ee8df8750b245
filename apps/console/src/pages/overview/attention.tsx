/**
 * Attention: conditions that need a person, worst first, with the next step. If there are none, it reports that, as far
 * as the hub knows.
 */
import type { Alert, Alerts } from '@skerry/contract/alerts/alert'
import { soonTexts } from '@skerry/core/alerts/quiet-words'
import { ChevronRight, CircleCheck, CircleHelp } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { cn } from '../../components/class-names.ts'
import { SeverityMark, sentenceOf, WithCommands } from '../../components/facts/alert-marks.tsx'
import { Instant, useNowMs } from '../../components/facts/instant.tsx'
import { Failure } from '../../components/page-state.tsx'
import { PathLink } from '../../components/rows/path-link.tsx'
import { texts } from '../../texts/english.ts'
import { useAlerts } from './alert-queries.ts'

const words = texts.alerts

/** After the first paint, because the dialogs are heavier than the card. */
const Answering = lazy(async () => ({ default: (await import('../alerts/answering.tsx')).Answering }))

/** This many leave room for the fleet itself on one screen. */
const SHOWN_FIRST = 4

/** The card, or one line if nothing needs a person. `hasDevices` is true if the fleet is known to have devices. */
export function Attention({ hasDevices }: { hasDevices: boolean }) {
  const { data, error, refetch, refusal } = useAlerts()
  if (refusal !== undefined) return <Unseen reason={refusal} />
  if (error)
    return (
      <Card title={words.title}>
        <Failure error={error} onRetry={() => void refetch()} />
      </Card>
    )
  // Renders nothing instead of an empty frame, because the answer takes only some milliseconds.
  if (!data) return null
  return data.alerts.length === 0 ? <Quiet alerts={data} hasDevices={hasDevices} /> : <Findings found={data} />
}

const Unseen = ({ reason }: { reason: string }) => (
  <p className="card flex flex-wrap items-center gap-x-2.5 gap-y-1 px-4 py-2.5 text-sm">
    <CircleHelp size={17} className="text-idle" aria-hidden />
    <span className="font-semibold">{words.bellUnknown}</span>
    <span className="text-soft wrap-anywhere">{reason}</span>
  </p>
)

function Quiet({ alerts, hasDevices }: { alerts: Alerts; hasDevices: boolean }) {
  const soon = soonTexts(alerts, useNowMs())
  const { unknownDevices } = alerts
  const isKnown = unknownDevices === 0 && hasDevices && soon.length === 0
  const Icon = isKnown ? CircleCheck : CircleHelp
  const hint = hasDevices ? words.quietUnknown(unknownDevices) : words.quietNoDevices
  return (
    <p role="status" className="card flex flex-wrap items-center gap-x-2.5 gap-y-1 px-4 py-2.5 text-sm">
      <Icon size={17} className={isKnown ? 'text-good' : 'text-idle'} aria-hidden />
      <span className="font-semibold">{soon.length > 0 ? words.noAlerts : words.quiet}</span>
      <span className="text-soft wrap-anywhere">
        {soon.length > 0 ? `${soon.join('. ')}.` : isKnown ? words.quietHint : hint}
      </span>
    </p>
  )
}

function Findings({ found }: { found: Alerts }) {
  const [isAll, setAll] = useState(false)
  const soon = soonTexts(found, useNowMs())
  const { alerts, omitted } = found
  const shown = isAll ? alerts : alerts.slice(0, SHOWN_FIRST)
  return (
    <Card
      isFlush
      title={
        <span className="flex items-center gap-2">
          {words.title}
          <span className="rounded-full bg-raised px-2 text-xs leading-5 font-semibold text-soft tabular">
            {texts.common.number(alerts.filter(({ answer }) => answer === undefined).length + omitted)}
          </span>
        </span>
      }
      aside={
        alerts.length > SHOWN_FIRST && (
          <Button isSmall look="quiet" aria-expanded={isAll} onClick={() => setAll(!isAll)}>
            {isAll ? words.fewer : words.all(alerts.length)}
          </Button>
        )
      }
    >
      <ul aria-label={words.title} className="divide-y divide-line">
        {shown.map((alert) => (
          <li key={alert.id}>
            <Finding alert={alert} />
          </li>
        ))}
      </ul>
      {isAll && omitted > 0 && (
        <p className="border-t border-line px-4 py-2.5 text-xs text-soft">{words.omitted(omitted)}</p>
      )}
      {soon.length > 0 && (
        <p className="border-t border-line px-4 py-2.5 text-xs text-soft wrap-anywhere">{`${soon.join('. ')}.`}</p>
      )}
    </Card>
  )
}

function Finding({ alert }: { alert: Alert }) {
  const { severity, message, action, link, sinceMs, dueMs, answer } = alert
  return (
    <div className="px-4 py-2.5 hover:bg-raised">
      <PathLink path={link} className="group flex items-start gap-3">
        <SeverityMark severity={severity} className="mt-0.5" />
        <span className="min-w-0 flex-1">
          <span className={cn('block text-sm wrap-anywhere', answer ? 'text-soft' : 'font-medium')}>
            {sentenceOf(message)}
          </span>
          <Worst alert={alert} />
          <span className="mt-0.5 block text-xs text-soft">
            <WithCommands text={action} />
          </span>
        </span>
        <span className="shrink-0 text-right text-xs text-soft">
          {sinceMs !== undefined && (
            <span className="block whitespace-nowrap max-sm:hidden">
              <Instant ms={sinceMs} />
            </span>
          )}
          {dueMs !== undefined && (
            <span className="block whitespace-nowrap">
              {words.ends} <Instant ms={dueMs} />
            </span>
          )}
        </span>
        <ChevronRight size={16} className="mt-0.5 shrink-0 text-faint group-hover:text-text" aria-hidden />
      </PathLink>
      <Suspense>
        <div className="pl-7.25">
          <Answering alert={alert} />
        </div>
      </Suspense>
    </div>
  )
}

/** For a storm of alerts, the sites with the most of them. */
function Worst({ alert: { objects } }: { alert: Alert }) {
  if (objects.length < 2 || objects.some(({ kind, count }) => kind !== 'site' || count === undefined)) return null
  const places = objects.map(({ name, count = 0 }) => `${name} (${texts.common.number(count)})`)
  return <span className="block text-xs wrap-anywhere text-soft">{`${words.worst} ${places.join(', ')}`}</span>
}
