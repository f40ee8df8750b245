/** Settings card: the settings of a release that a deployment can choose. */
import type { App } from '@skerry/contract/apps/app'
import { Card } from '../../components/card.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { appTexts } from './english-apps.ts'

const words = appTexts.settings

/** Nothing for a release without settings. */
export function AppSettingsCard({ app: { config } }: { app: App }) {
  if (!config) return null
  const { setting, type, usual } = words.columns
  return (
    <Card title={words.title} isFlush>
      <PlainTable
        label={words.title}
        headers={[setting, type, usual]}
        rows={Object.entries(config.properties).map(([name, it]) => ({
          key: name,
          cells: [
            <span key="name" className="wrap-anywhere">
              {it.title ?? name}
            </span>,
            <span key="type" className="text-soft">
              {it.type}
            </span>,
            <code key="default" className="font-mono text-xs wrap-anywhere">
              {it.default === undefined ? '' : String(it.default)}
            </code>,
          ],
        }))}
      />
    </Card>
  )
}
