/** Services card: the containers of a release, with their images, ports and limits. */
import type { App } from '@skerry/contract/apps/app'
import { Card } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { appTexts as words } from './english-apps.ts'

export function AppServicesCard({ app }: { app: App }) {
  const { service, image, ports, limits } = words.columns
  return (
    <Card title={words.services} isFlush>
      <PlainTable
        label={words.services}
        headers={[service, image, ports, limits]}
        rows={Object.entries(app.services).map(([name, it]) => ({
          key: name,
          cells: [
            <code key="name" className="font-mono text-xs font-medium wrap-anywhere">
              {name}
            </code>,
            <span key="image" className="wrap-anywhere">
              {it.imageName}
            </span>,
            <code key="ports" className="font-mono text-xs wrap-anywhere">
              {it.ports?.map(words.port).join(', ') ?? words.none}
            </code>,
            <span key="limits" className="tabular">
              {words.limits(sizeText(it.resources.memoryBytes), it.resources.cpus)}
            </span>,
          ],
        }))}
      />
    </Card>
  )
}
