/** Signature table: the input and output tensors of a version. */
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { ArrowDownToLine, ArrowUpFromLine } from 'lucide-react'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { texts } from '../../texts/english.ts'

const { columns, direction, any, unranked, signature } = texts.version

type Signature = {
  inputs: readonly TensorSpec[]
  outputs: readonly TensorSpec[]
  /** Outputs without a known rank; absent if all ranks are known. */
  unrankedOutputs?: readonly string[]
}

export function SignatureTable({ summary: { inputs, outputs, unrankedOutputs = [] } }: { summary: Signature }) {
  const rows = [
    ...inputs.map((tensor) => ({ tensor, kind: 'input' as const })),
    ...outputs.map((tensor) => ({ tensor, kind: 'output' as const })),
  ]
  return (
    <PlainTable
      label={signature}
      headers={[`${direction.input} / ${direction.output}`, columns.name, columns.type, columns.shape]}
      rows={rows.map(({ tensor: { name, datatype, shape }, kind }) => ({
        key: `${kind} ${name}`,
        cells: [
          <span key="direction" className="inline-flex items-center gap-2 text-soft">
            {kind === 'input' ? <ArrowDownToLine size={14} aria-hidden /> : <ArrowUpFromLine size={14} aria-hidden />}
            {direction[kind]}
          </span>,
          <code key="name" className="font-mono text-xs font-medium wrap-anywhere">
            {name}
          </code>,
          <code key="type" className="font-mono text-xs">
            {datatype}
          </code>,
          <code key="shape" className="font-mono text-xs">
            {unrankedOutputs.includes(name) ? unranked : `[${shape.map((size) => (size < 0 ? any : size)).join(', ')}]`}
          </code>,
        ],
      }))}
    />
  )
}
