/** Items card: each model on the device, how far it is on its way, and what serves meanwhile. */
import type { DeviceDetail } from '@skerry/contract/device'
import type { ItemReport, ItemState } from '@skerry/contract/item'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Boxes, RotateCcw } from 'lucide-react'
import { useState } from 'react'
import { durationText } from '../../components/amounts.ts'
import { ItemBadge } from '../../components/badge.tsx'
import { GuardedButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { cn } from '../../components/class-names.ts'
import { Confirmation } from '../../components/confirmation.tsx'
import { Instant } from '../../components/instant.tsx'
import { Empty } from '../../components/page-state.tsx'
import { hub } from '../../hub/hub-client.ts'
import { queries } from '../../hub/queries.ts'
import { texts } from '../../texts/english.ts'

const words = texts.device

/** The card. */
export function ItemsCard({ device }: { device: DeviceDetail }) {
  return (
    <Card title={words.items} isFlush>
      {device.items.length === 0 && <Empty icon={Boxes} title={words.noItems} hint={words.noItemsHint} />}
      <ul className="divide-y divide-line">
        {device.items.map((item) => (
          <li key={item.model} className="flex flex-col gap-3 p-4">
            <ItemHead item={item} device={device.name} />
            <ItemLife state={item.state} />
            {item.cause && (
              <p className={cn('text-sm wrap-anywhere', item.state === 'failed' ? 'text-bad' : 'text-soft')}>
                {item.cause.message} <code className="font-mono text-xs">{item.cause.code}</code>
              </p>
            )}
            <Serving item={item} />
          </li>
        ))}
      </ul>
    </Card>
  )
}

function ItemHead({ item, device }: { item: ItemReport; device: string }) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <Link
        to="/models/$model/versions/$version"
        params={{ model: item.model, version: String(item.target.version) }}
        className="rounded font-medium hover:text-accent hover:underline"
      >
        {item.model} <span className="font-normal text-soft">{words.itemTarget(item.target.version)}</span>
      </Link>
      <ItemBadge state={item.state} />
      <span className="text-xs text-soft">
        {words.since} <Instant ms={item.sinceMs} />
      </span>
      <span className="flex-1" />
      {item.state === 'failed' && <RetryButton item={item} device={device} />}
    </div>
  )
}

function RetryButton({ item, device }: { item: ItemReport; device: string }) {
  const [isOpen, setOpen] = useState(false)
  const { data } = useQuery(queries.deployments())
  const deployment = data?.find(({ id }) => id === item.deploymentId)?.name
  return (
    <>
      <GuardedButton
        permission="device.write"
        isSmall
        blocked={deployment === undefined ? texts.common.loading : undefined}
        onClick={() => setOpen(true)}
      >
        <RotateCcw size={13} aria-hidden />
        {words.actions.retry}
      </GuardedButton>
      {isOpen && deployment !== undefined && (
        <Confirmation
          title={`${words.actions.retry}: ${item.model} ${words.itemTarget(item.target.version)}`}
          lead={item.cause?.message ?? ''}
          verb={words.actions.retry}
          run={() => hub.device.retry({ device, deployment })}
          done={words.done.retry(device)}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  )
}

/** [Design, 5] The way of an item; `failed` may follow each of its steps. */
const STEPS: readonly ItemState[] = ['fetching', 'verifying', 'loading', 'golden', 'probation', 'active']

function ItemLife({ state }: { state: ItemState }) {
  const at = STEPS.indexOf(state)
  if (at < 0) return null
  return (
    <ol className="grid grid-cols-6 gap-1.5" aria-label={texts.itemState[state]}>
      {STEPS.map((step, index) => (
        <li key={step} aria-current={index === at ? 'step' : undefined} className="min-w-0">
          <span
            className={cn(
              'block h-1 rounded-full',
              index > at && 'bg-raised',
              index < at && (state === 'active' ? 'bg-good' : 'bg-busy/50'),
              index === at && (state === 'active' ? 'bg-good' : 'animate-pulse bg-busy'),
            )}
          />
          <span className={cn('mt-1 block truncate text-2xs', index === at ? 'font-medium text-text' : 'text-faint')}>
            {texts.itemState[step]}
          </span>
        </li>
      ))}
    </ol>
  )
}

function Serving({ item: { serving, stats } }: { item: ItemReport }) {
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft tabular">
      <span className={cn('font-medium', serving ? 'text-text' : 'text-bad')}>
        {serving ? words.serving(serving.version) : words.servingNone}
      </span>
      {stats && (
        <>
          <span>{words.requests(stats.requests)}</span>
          <span className={cn(stats.failures > 0 && 'text-bad')}>{words.failures(stats.failures)}</span>
          {stats.p50Us !== undefined && (
            <span>{words.latency(durationText(stats.p50Us), durationText(stats.p99Us))}</span>
          )}
        </>
      )}
    </p>
  )
}
