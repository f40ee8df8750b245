/**
 * Flow devices: the devices that run a flow, or should run it: the progress on each, the live version, and the device's
 * remarks.
 */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import type { DeviceDetail } from '@skerry/contract/devices/device'
import type { ItemReport } from '@skerry/contract/devices/item'
import { isSilent, spokenLiveness } from '@skerry/core/devices/tense'
import { useQueries } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ItemBadge } from '../../components/facts/badge.tsx'
import { DeviceLink } from '../../components/facts/device-link.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { ReportedAt } from '../../components/facts/reported-at.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { queries } from '../../hub/queries.ts'
import { valuesTexts } from '../device/values/english-values.ts'
import { ValuesLink } from '../device/values/values-link.tsx'
import { flowPageTexts } from './english-flow-pages.ts'
import { flowQueries, REACHED_MAX } from './flow-queries.ts'

const words = flowPageTexts.devices

/** Each device needs a request of its own, so the card loads one screen after another. */
const SHOWN_AT_ONCE = 20

type DevicesProps = {
  flow: string
  /** The flow has a sink of the hub, so the hub shows its values. */
  tellsHub: boolean
  deployments: readonly Deployment[]
}

export function FlowDevices({ flow, tellsHub, deployments }: DevicesProps) {
  const answers = useQueries({ queries: deployments.map(({ spec }) => flowQueries.reached(spec.selector)) })
  const [shown, setShown] = useState(SHOWN_AT_ONCE)
  const names = [...new Set(answers.flatMap(({ data }) => data ?? []))].toSorted()
  const failed = answers.find(({ error }) => error !== null)
  const isLoading = answers.some(({ isPending }) => isPending)
  const left = names.length - shown
  return (
    <Card title={words.title} isFlush>
      {failed && <Failure error={failed.error} onRetry={() => void failed.refetch()} />}
      {isLoading && !failed && <Loading rows={3} />}
      {!isLoading && !failed && names.length === 0 && <p className="p-4 text-sm text-soft">{words.none}</p>}
      {names.length > 0 && <Rows flow={flow} tellsHub={tellsHub} names={names.slice(0, shown)} />}
      {left > 0 && (
        <div className="flex items-center gap-3 border-t border-line px-4 py-2">
          <Button isSmall onClick={() => setShown(shown + SHOWN_AT_ONCE)}>
            {words.more(Math.min(left, SHOWN_AT_ONCE))}
          </Button>
          {deployments.some(({ devices }) => devices.total > REACHED_MAX) && (
            <span className="text-xs text-soft">{words.cut(REACHED_MAX)}</span>
          )}
        </div>
      )}
    </Card>
  )
}

type RowsProps = Pick<DevicesProps, 'flow' | 'tellsHub'> & { names: readonly string[] }

function Rows({ flow, tellsHub, names }: RowsProps) {
  const answers = useQueries({ queries: names.map((device) => queries.device(device)) })
  const { columns } = words
  return (
    <PlainTable
      label={words.title}
      headers={[columns.device, columns.state, columns.version, columns.since, columns.note, columns.live]}
      rows={names.map((device, index) => ({
        key: device,
        cells: [
          <DeviceLink key="device" device={device} />,
          ...cellsOf(answers[index]?.data, flow),
          <span key="links" className="inline-flex gap-3">
            {tellsHub && <ValuesLink device={device} text={valuesTexts.ofFlow} label={valuesTexts.of(device)} />}
            <LiveLink flow={flow} device={device} />
          </span>,
        ],
      }))}
    />
  )
}

const LiveLink = ({ flow, device }: { flow: string; device: string }) => (
  <Link
    to="/flows/$flow/devices/$device"
    params={{ flow, device }}
    aria-label={words.liveOn(device)}
    className="rounded font-medium whitespace-nowrap text-accent hover:underline"
  >
    {words.live}
  </Link>
)

const itemOf = (device: DeviceDetail | undefined, flow: string) =>
  device?.items.find(({ name: model }) => model === flow)

function cellsOf(device: DeviceDetail | undefined, flow: string) {
  const item = itemOf(device, flow)
  if (!device || !item)
    return [
      <span key="state" className="text-faint">
        {words.unsaid}
      </span>,
      '',
      '',
      '',
    ]
  const { serving, target } = item
  const isOnItsWay = serving !== undefined && serving.version !== target.version && item.state !== 'failed'
  return [
    <span key="state" className="inline-flex flex-wrap items-center gap-x-2">
      <ItemBadge state={item.state} isPast={isSilent(spokenLiveness(device))} />
      <ReportedAt device={device} />
    </span>,
    <span key="live" className="tabular">
      {serving ? flowPageTexts.version(serving.version) : words.none_live}
      {isOnItsWay && <span className="text-soft">, {words.taking(target.version)}</span>}
    </span>,
    <Instant key="since" ms={item.sinceMs} className="text-soft tabular whitespace-nowrap" />,
    <span key="note" className="text-soft wrap-anywhere">
      {noteOf(item)}
    </span>,
  ]
}

/** The reason why it is not live, or else its counts. */
function noteOf({ cause, stats }: ItemReport): string {
  if (cause) return cause.message
  if (!stats || (stats.requests === 0 && !stats.dropped)) return ''
  return words.asked(stats.requests, stats.failures, stats.dropped ?? 0)
}
