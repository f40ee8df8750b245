/** Parts card: the versions of a system, in the order in which a device installs them. */
import type { SystemRelease } from '@skerry/contract/systems/system-release'
import { Link } from '@tanstack/react-router'
import { Card } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { systemTexts as words } from './english-systems.ts'

export function SystemPartsCard({ system: { description, parts } }: { system: SystemRelease }) {
  return (
    <Card title={words.title} isFlush>
      {description !== undefined && <p className="px-4 py-3 text-sm text-soft wrap-anywhere">{description}</p>}
      <PlainTable
        label={words.title}
        headers={[words.columns.step, words.columns.part, words.columns.kind, words.columns.size]}
        rows={parts.map(({ name, version, kind, sizeBytes }, index) => ({
          key: name,
          cells: [
            <span key="step" className="tabular">
              {index + 1}
            </span>,
            <Link
              key="part"
              to="/models/$model/versions/$version"
              params={{ model: name, version: String(version) }}
              className="font-medium text-accent hover:underline wrap-anywhere"
            >
              {name}:{version}
            </Link>,
            <span key="kind">{kind}</span>,
            <span key="size" className="tabular whitespace-nowrap">
              {sizeText(sizeBytes)}
            </span>,
          ],
        }))}
      />
    </Card>
  )
}
