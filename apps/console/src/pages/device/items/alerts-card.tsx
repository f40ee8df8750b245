/** Alerts card: the alerts that name this device, such as an alarm of a flow or a source that is down. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { lazy, Suspense } from 'react'
import { Card } from '../../../components/card.tsx'
import { SeverityMark, sentenceOf, WithCommands } from '../../../components/facts/alert-marks.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { texts } from '../../../texts/english.ts'
import { useAlerts } from '../../overview/alert-queries.ts'

/** The card of conditions shows these with their own advice. */
const SHOWN_ELSEWHERE = 'devices_in_trouble'

/** The overview loads it in the same way. */
const Answering = lazy(async () => ({ default: (await import('../../alerts/answering.tsx')).Answering }))

/** Renders nothing if there are none. */
export function AlertsCard({ device: { name } }: { device: DeviceDetail }) {
  const { data } = useAlerts()
  const alerts = (data?.alerts ?? []).filter(
    ({ code, objects }) =>
      code !== SHOWN_ELSEWHERE && objects.some((object) => object.kind === 'device' && object.name === name),
  )
  if (alerts.length === 0) return null
  return (
    <Card
      title={texts.alerts.title}
      isFlush
      className={alerts.some(({ answer }) => answer === undefined) ? 'border-warn/60' : ''}
    >
      <ul aria-label={texts.alerts.title} className="divide-y divide-line">
        {alerts.map((alert) => {
          const { id, severity, message, action, sinceMs } = alert
          return (
            <li key={id} className="flex items-start gap-3 px-4 py-3">
              <SeverityMark severity={severity} className="mt-0.5" />
              <span className="min-w-0 flex-1">
                <span className="block text-sm font-medium wrap-anywhere">{sentenceOf(message)}</span>
                <span className="mt-0.5 block text-xs text-soft">
                  <WithCommands text={action} />
                </span>
                <Suspense>
                  <Answering alert={alert} />
                </Suspense>
              </span>
              {sinceMs !== undefined && (
                <span className="shrink-0 text-xs whitespace-nowrap text-soft">
                  <Instant ms={sinceMs} />
                </span>
              )}
            </li>
          )
        })}
      </ul>
    </Card>
  )
}
