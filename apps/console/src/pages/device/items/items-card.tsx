/** Items card: each model on the device, its progress, the version that serves meanwhile, and the earlier versions. */
import type { NamedBuild } from '@skerry/contract/builds/named-build'
import type { DeviceDetail, Liveness } from '@skerry/contract/devices/device'
import type { DeviceEvent } from '@skerry/contract/devices/device-event'
import type { DeviceItem } from '@skerry/contract/devices/device-item'
import type { ItemReport, ShadowStats } from '@skerry/contract/devices/item'
import { kinds } from '@skerry/contract/kinds/kinds'
import { buildName, speedWords } from '@skerry/core/builds/build-words'
import { isSilent, servingText, spokenLiveness } from '@skerry/core/devices/tense'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Boxes } from 'lucide-react'
import { Card } from '../../../components/card.tsx'
import { durationText } from '../../../components/charts/amounts.ts'
import { cn } from '../../../components/class-names.ts'
import { Tooltip } from '../../../components/dialogs/tooltip.tsx'
import { ItemBadge } from '../../../components/facts/badge.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { ReportedAt } from '../../../components/facts/reported-at.tsx'
import { Empty } from '../../../components/page-state.tsx'
import { queries } from '../../../hub/queries.ts'
import { texts } from '../../../texts/english.ts'
import { Advice } from '../advice.tsx'
import { deviceQueries } from '../device-queries.ts'
import { EarlierLives } from '../earlier-lives.tsx'
import { deviceWords as lifeWords } from '../english-device.ts'
import { devicePageTexts } from '../english-device-page.ts'
import { RetryButton } from '../retry-button.tsx'
import { WhyDisclosure } from './explanation.tsx'
import { currentLife, livesOf } from './item-lives.ts'
import { ItemTimeline } from './item-timeline.tsx'

const words = devicePageTexts

export function ItemsCard({ device }: { device: DeviceDetail }) {
  const { data: events = [] } = useQuery(deviceQueries.events(device))
  const { data: deployments } = useQuery(queries.deployments())
  const nameOf = (deploymentId: string) => deployments?.find(({ id }) => id === deploymentId)?.name
  return (
    <Card
      title={words.items}
      isFlush
      aside={isSilent(spokenLiveness(device)) ? <ReportedAt device={device} /> : <AsReported />}
    >
      {device.items.length === 0 && <Empty icon={Boxes} title={words.noItems} hint={words.noItemsHint} />}
      <ul className="divide-y divide-line">
        {device.items.map((item) => (
          <Item key={item.name} device={device} item={item} events={events} nameOf={nameOf} />
        ))}
      </ul>
    </Card>
  )
}

const AsReported = () => (
  <Tooltip text={lifeWords.asReported}>
    <span className="text-xs text-faint" tabIndex={-1}>
      {texts.overview.reported}
    </span>
  </Tooltip>
)

type ItemProps = {
  device: DeviceDetail
  item: DeviceItem
  events: readonly DeviceEvent[]
  nameOf: (deploymentId: string) => string | undefined
}

function Item({ device, item, events, nameOf }: ItemProps) {
  const lives = livesOf(events, item.name)
  const life = currentLife(lives, item)
  const deployment = nameOf(item.deploymentId)
  const liveness = spokenLiveness(device)
  const head = <ItemHead item={item} isPast={isSilent(liveness)} />
  const retry = item.state === 'failed' && (
    <RetryButton
      device={device}
      model={item.name}
      version={item.target.version}
      deployment={deployment}
      lead={lifeWords.retryLeadNow}
    />
  )
  return (
    <li className="flex flex-col gap-3 p-4">
      {deployment === undefined ? (
        head
      ) : (
        <WhyDisclosure device={device} deployment={deployment} after={retry}>
          {head}
        </WhyDisclosure>
      )}
      <ItemTimeline model={item.name} life={life} lifecycle={kinds[item.kind].lifecycle} />
      {item.cause && (
        <Advice cause={item.cause} isBad={item.state === 'failed'} device={device.name} deployment={deployment} />
      )}
      <Serving item={item} liveness={liveness} />
      {item.servingBuild && <ServedBuild build={item.servingBuild} />}
      {item.shadow && <Shadow shadow={item.shadow} />}
      <EarlierLives
        device={device}
        model={item.name}
        lives={lives}
        earlier={lives.filter((each) => each !== life)}
        nameOf={nameOf}
      />
    </li>
  )
}

const ItemHead = ({ item, isPast }: { item: ItemReport; isPast: boolean }) => (
  <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
    <Link
      to="/models/$model/versions/$version"
      params={{ model: item.name, version: String(item.target.version) }}
      className="rounded font-medium hover:text-accent hover:underline"
    >
      {item.name} <span className="font-normal text-soft">{words.itemTarget(item.target.version)}</span>
    </Link>
    <ItemBadge state={item.state} isPast={isPast} />
    <Tooltip text={lifeWords.deviceClock}>
      <span className="text-xs text-soft">
        {words.since} <Instant ms={item.sinceMs} />
      </span>
    </Tooltip>
  </div>
)

const Shadow = ({ shadow }: { shadow: ShadowStats }) => (
  <p className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft tabular">
    <span className="font-medium text-text">{lifeWords.shadow.title}</span>
    <span>{lifeWords.shadow.compared(shadow.compared)}</span>
    <span className={cn(shadow.mismatched > 0 && 'text-bad')}>{lifeWords.shadow.wrong(shadow)}</span>
    <span className={cn(shadow.errors > 0 && 'text-bad')}>{lifeWords.shadow.errors(shadow.errors)}</span>
    <Tooltip text={lifeWords.shadow.droppedHint}>
      <span>{lifeWords.shadow.dropped(shadow.dropped)}</span>
    </Tooltip>
    {shadow.p50Us !== undefined && <span>{words.latency(durationText(shadow.p50Us), durationText(shadow.p99Us))}</span>}
  </p>
)

const ServedBuild = ({ build }: { build: NamedBuild }) => {
  const speed = speedWords(build)
  return (
    <p className="-mt-2 text-xs wrap-anywhere text-soft">
      {buildName(build)}
      {speed !== undefined && `: ${speed}`}
    </p>
  )
}

function Serving({ item: { kind, serving, stats }, liveness }: { item: ItemReport; liveness: Liveness }) {
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft tabular">
      <span className={cn('font-medium', serving ? 'text-text' : 'text-bad')}>
        {servingText(serving?.version, liveness, kinds[kind])}
      </span>
      {stats && (
        <>
          <span>{words.requests(stats.requests)}</span>
          <span className={cn(stats.failures > 0 && 'text-bad')}>{words.failures(stats.failures)}</span>
          {stats.dropped !== undefined && <span>{words.dropped(stats.dropped)}</span>}
          {stats.p50Us !== undefined && (
            <span>{words.latency(durationText(stats.p50Us), durationText(stats.p99Us))}</span>
          )}
        </>
      )}
    </p>
  )
}
