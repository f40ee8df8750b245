/** Version cards of a model. */
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import { Card } from '../../components/card.tsx'
import { SignatureTable } from '../../pages/models/signature-table.tsx'
import { GoldenCard } from '../../pages/models/version/golden-card.tsx'
import { texts } from '../../texts/english.ts'

const words = texts.version

type CardProps = { version: ModelVersionDetail }

/** Inputs and outputs. */
export const InterfaceCard = ({ version: { summary } }: CardProps) => (
  <Card title={words.signature} isFlush>
    <SignatureTable summary={summary} />
  </Card>
)

export const ProofCard = ({ version }: CardProps) => <GoldenCard version={version} />

/** Operators with how often each is used; most used first. */
export function OperatorsCard({ version: { summary } }: CardProps) {
  const sorted = summary.operators.toSorted((a, b) => b.count - a.count || a.name.localeCompare(b.name))
  return (
    <Card title={words.operators} aside={<span className="text-xs text-soft tabular">{sorted.length}</span>}>
      <ul className="flex max-h-64 flex-wrap gap-1.5 overflow-y-auto">
        {sorted.map(({ domain, name, count }) => (
          <li key={`${domain}.${name}`} className="rounded-md bg-raised px-2 py-0.5 font-mono text-xs">
            {domain === 'ai.onnx' ? name : `${domain}.${name}`}
            {count > 1 && <span className="text-soft"> ×{count}</span>}
          </li>
        ))}
      </ul>
    </Card>
  )
}
