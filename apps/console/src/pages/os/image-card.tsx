/** Image card: the files inside an image. The device checks each of them before it writes it. */
import type { OsImage } from '@skerry/contract/os/os-image'
import { Card } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { osTexts as words } from './english-os.ts'

export function ImagePartsCard({ image }: { image: OsImage }) {
  const { description } = image
  const { headers, rows } = rowsOf(image)
  return (
    <Card title={words.title} isFlush>
      {description !== undefined && <p className="px-4 py-3 text-sm text-soft wrap-anywhere">{description}</p>}
      <PlainTable
        label={words.title}
        headers={headers}
        rows={rows.map(({ name, value }) => ({
          key: name,
          cells: [
            <code key="part" className="font-mono text-xs font-medium wrap-anywhere">
              {name}
            </code>,
            <span key="size" className="tabular whitespace-nowrap">
              {value}
            </span>,
          ],
        }))}
      />
    </Card>
  )
}

type Rows = { headers: [string, string]; rows: { name: string; value: string }[] }

function rowsOf(image: OsImage): Rows {
  const { columns } = words
  switch (image.format) {
    case 'swupdate':
      return {
        headers: [columns.part, columns.size],
        rows: image.parts.map(({ name, sizeBytes }) => ({ name, value: sizeText(sizeBytes) })),
      }
    case 'debian':
      return {
        headers: [columns.package, columns.version],
        rows: image.packages.map(({ name, version }) => ({ name, value: version })),
      }
    case 'rauc':
      return { headers: [columns.part, columns.version], rows: [{ name: image.compatible, value: image.version }] }
  }
}
