/** Services card: the containers of a release, with their images, ports, limits and health checks. */
import type { App, Service } from '@skerry/contract/apps/app'
import { accessWords } from '@skerry/core/apps/app-access'
import { Card } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { appTexts } from './english-apps.ts'

const words = appTexts.services

export function AppServicesCard({ app }: { app: App }) {
  const { service, image, ports, limits, health, access } = words.columns
  return (
    <Card title={words.title} isFlush>
      <PlainTable
        label={words.title}
        headers={[service, image, ports, limits, health, access]}
        rows={Object.entries(app.services).map(([name, it]) => ({ key: name, cells: cellsOf(name, it) }))}
      />
    </Card>
  )
}

const cellsOf = (name: string, { imageName, ports, resources, healthcheck, access }: Service) => [
  <code key="name" className="font-mono text-xs font-medium wrap-anywhere">
    {name}
  </code>,
  <span key="image" className="wrap-anywhere">
    {imageName}
  </span>,
  <code key="ports" className="font-mono text-xs whitespace-nowrap">
    {ports?.map(words.port).join(', ') ?? words.none}
  </code>,
  <span key="limits" className="tabular">
    {words.limits(sizeText(resources.memoryBytes), resources.cpus)}
  </span>,
  <span key="health" className={healthcheck ? '' : 'text-soft'}>
    {healthcheck ? words.every(healthcheck.intervalMs / 1_000) : words.noHealth}
  </span>,
  <span key="access" className={access ? 'text-warn wrap-anywhere' : 'text-soft'}>
    {accessWords(access).join(', ') || words.none}
  </span>,
]
