/** Diff tables: the differences of two versions, a table for each kind, old on the left and new on the right. */
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { type Difference, type ModelDiff, shapeText } from '@skerry/core/models/model-diff'
import { Minus, Pencil, Plus } from 'lucide-react'
import { Card } from '../../../components/card.tsx'
import { sizeText } from '../../../components/charts/amounts.ts'
import { shortDigest } from '../../../components/facts/copyable.tsx'
import { texts } from '../../../texts/english.ts'
import { modelTexts } from '../english-models.ts'

const words = modelTexts.compare

type Row = { kind?: string; name: string; from?: string | undefined; to?: string | undefined }

/** All tables; a kind without a difference says so. */
export function DiffTables({ diff }: { diff: ModelDiff }) {
  return (
    <div className="grid items-start gap-4 xl:grid-cols-2">
      <DiffTable
        title={words.signature}
        rows={[...rowsOf(diff.inputs, tensorText, words.input), ...rowsOf(diff.outputs, tensorText, words.output)]}
      />
      <DiffTable
        title={words.operators}
        rows={[
          ...rowsOf(diff.opsets, ({ version }) => String(version), words.opset),
          ...rowsOf(diff.operators, ({ count }) => words.times(count), words.operator),
        ]}
      />
      <DiffTable
        title={words.files}
        rows={rowsOf(diff.files, ({ digest, sizeBytes }) => `${sizeText(sizeBytes)}  ${shortDigest(digest)}`)}
      />
      <DiffTable title={words.facts} rows={factsOf(diff)} />
    </div>
  )
}

function factsOf({ sizeBytes, parameterCount, irVersion, producer, golden }: ModelDiff): Row[] {
  const number = texts.common.number
  const others = golden.from === golden.to && !golden.isSame ? ` (${words.goldenOthers})` : ''
  return [
    { name: words.size, from: sizeText(sizeBytes.from), to: sizeText(sizeBytes.to) },
    { name: words.parameters, from: number(parameterCount.from), to: number(parameterCount.to) },
    { name: words.ir, from: String(irVersion.from), to: String(irVersion.to) },
    { name: words.producer, from: producer.from || texts.common.unknown, to: producer.to || texts.common.unknown },
    { name: words.golden, from: number(golden.from), to: `${number(golden.to)}${others}` },
  ].filter(({ from, to }) => from !== to)
}

const tensorText = ({ datatype, shape }: TensorSpec) => `${datatype} ${shapeText(shape)}`

const rowsOf = <Value,>(list: readonly Difference<Value>[], textOf: (value: Value) => string, kind?: string): Row[] =>
  list.map(({ name, from, to }) => ({
    ...(kind !== undefined && { kind }),
    name,
    from: from && textOf(from),
    to: to && textOf(to),
  }))

function DiffTable({ title, rows }: { title: string; rows: readonly Row[] }) {
  return (
    <Card title={title} isFlush>
      {rows.length === 0 ? (
        <p className="p-4 text-sm text-soft">{words.unchanged}</p>
      ) : (
        <div className="overflow-x-auto">
          <table aria-label={title} className="w-full text-sm">
            <thead>
              <tr className="border-b border-line">
                {Object.values(words.columns).map((header) => (
                  <th key={header} scope="col" className="h-9 px-4 text-left text-xs font-medium text-soft">
                    {header}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {rows.map((row) => (
                <DiffRow key={`${row.kind} ${row.name}`} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  )
}

const CHANGE = {
  added: { icon: Plus, tone: 'text-good' },
  removed: { icon: Minus, tone: 'text-bad' },
  changed: { icon: Pencil, tone: 'text-busy' },
} as const

/** Colour never stands alone: an icon and a word for screen readers say the same. */
function DiffRow({ row: { kind, name, from, to } }: { row: Row }) {
  const change = from === undefined ? 'added' : to === undefined ? 'removed' : 'changed'
  const { icon: Icon, tone } = CHANGE[change]
  return (
    <tr className="align-top hover:bg-raised">
      <td className="px-4 py-2.5">
        <span className="flex items-start gap-2">
          <Icon size={14} className={`mt-0.5 shrink-0 ${tone}`} role="img" aria-label={words.change[change]} />
          <span className="min-w-0">
            {kind !== undefined && <span className="text-soft">{kind} </span>}
            <span className="font-medium wrap-anywhere">{name}</span>
          </span>
        </span>
      </td>
      <td className="px-4 py-2.5 font-mono text-xs text-soft">{from ?? texts.common.none}</td>
      <td className="px-4 py-2.5 font-mono text-xs">{to ?? texts.common.none}</td>
    </tr>
  )
}
