/** Containers tab: each app on the device with its state, the figures of its containers, and their log. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import type { DeviceItem } from '@skerry/contract/devices/device-item'
import { Link } from '@tanstack/react-router'
import { Container } from 'lucide-react'
import { Card, Facts } from '../../../components/card.tsx'
import { sizeText } from '../../../components/charts/amounts.ts'
import { ItemBadge } from '../../../components/facts/badge.tsx'
import { Empty } from '../../../components/page-state.tsx'
import { itemsOf } from '../../../kinds/of-kind.ts'
import { appTexts } from '../../apps/english-apps.ts'
import { Advice } from '../advice.tsx'
import { AppLogCard } from './app-log-card.tsx'
import { FigureCharts } from './figure-charts.tsx'

const words = appTexts.containers

export function ContainersTab({ device }: { device: DeviceDetail }) {
  const apps = itemsOf('app', device.items)
  const hasEngine = device.inventory?.capabilities.includes('container')
  if (apps.length === 0)
    return (
      <Card>
        <Empty icon={Container} title={words.none} hint={hasEngine ? words.noneHint : words.noEngine} />
      </Card>
    )
  return (
    <div className="flex min-w-0 flex-col gap-4">
      {apps.map((item) => (
        <div key={item.name} className="grid items-start gap-4 xl:grid-cols-[minmax(0,20rem)_minmax(0,1fr)]">
          <AppCard item={item} device={device} />
          <AppLogCard device={device} app={item.name} />
        </div>
      ))}
    </div>
  )
}

type AppCardProps = { item: DeviceItem; device: Pick<DeviceDetail, 'name' | 'lastSeenAtMs'> }

const AppCard = ({ item: { name, state, serving, target, cause, figures }, device }: AppCardProps) => (
  <Card
    title={
      <Link to="/apps/$app" params={{ app: name }} className="rounded hover:text-accent hover:underline">
        {name}
      </Link>
    }
    aside={<ItemBadge state={state} />}
  >
    <p className="mb-3 text-sm text-soft">{appTexts.version(serving?.version ?? target.version)}</p>
    {cause && <Advice cause={cause} isBad={state === 'failed'} device={device.name} />}
    {figures ? (
      <Facts
        rows={Object.entries(figures).map(([figure, value]) => [
          words.figure[figure] ?? figure,
          valueText(figure, value),
        ])}
      />
    ) : (
      <p className="text-sm text-soft">{words.noFigures}</p>
    )}
    {figures && device.lastSeenAtMs !== undefined && (
      <FigureCharts figures={figures} reportedAtMs={device.lastSeenAtMs} />
    )}
  </Card>
)

function valueText(figure: string, value: number | boolean | string): string {
  if (typeof value !== 'number') return String(value)
  if (figure.endsWith('Bytes')) return sizeText(value)
  return figure.endsWith('Percent') ? words.percent(value) : String(value)
}
