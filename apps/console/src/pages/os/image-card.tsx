/** Image card: the files inside an image. The device checks each of them before it writes it. */
import type { OsImage } from '@skerry/contract/os/os-image'
import { Card } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { osTexts as words } from './english-os.ts'

export function ImagePartsCard({ image: { description, parts } }: { image: OsImage }) {
  return (
    <Card title={words.title} isFlush>
      {description !== undefined && <p className="px-4 py-3 text-sm text-soft wrap-anywhere">{description}</p>}
      <PlainTable
        label={words.title}
        headers={[words.columns.part, words.columns.size]}
        rows={parts.map(({ name, sizeBytes }) => ({
          key: name,
          cells: [
            <code key="part" className="font-mono text-xs font-medium wrap-anywhere">
              {name}
            </code>,
            <span key="size" className="tabular whitespace-nowrap">
              {sizeText(sizeBytes)}
            </span>,
          ],
        }))}
      />
    </Card>
  )
}
