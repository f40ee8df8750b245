/** Version facts: size, origin, what a runtime must know, and who signed. */
import type { ModelVersionDetail, VersionDetail } from '@skerry/contract/model'
import type { ModelSummary } from '@skerry/contract/model-summary'
import { sizeText } from '../../components/amounts.ts'
import { Card, Facts, LabelTags } from '../../components/card.tsx'
import { Copyable } from '../../components/copyable.tsx'
import { Instant } from '../../components/instant.tsx'
import { texts } from '../../texts/english.ts'
import { devicePageTexts } from '../../texts/english-device-page.ts'

const words = texts.version

/** The card of facts. */
export function FactsCard({ version }: { version: VersionDetail }) {
  const { bundle } = version
  const key = bundle.verificationMaterial.publicKey.hint
  return (
    <Card title={words.facts}>
      <Facts
        rows={[
          [words.size, sizeText(version.sizeBytes)],
          ...(version.kind === 'model' ? modelRows(version) : []),
          [words.signed, <Copyable key="signed" value={key} what={words.signed} />],
          [
            words.pushed,
            <span key="pushed">
              <Instant ms={version.createdAtMs} isAbsolute /> {texts.model.by(version.createdBy)}
            </span>,
          ],
          ...(Object.keys(version.labels).length > 0
            ? ([[devicePageTexts.labels, <LabelTags key="labels" labels={version.labels} />]] as const)
            : []),
        ]}
      />
    </Card>
  )
}

const modelRows = ({ summary, goldenCases }: ModelVersionDetail) =>
  [
    [words.parameters, texts.common.number(summary.parameterCount)],
    [words.opsets, summary.opsets.map(({ domain, version: number }) => `${domain} ${number}`).join(', ')],
    [words.golden, goldenCases === 0 ? words.goldenNone : texts.common.number(goldenCases)],
    [words.producer, summary.producer || texts.common.unknown],
    [words.ir, summary.irVersion],
  ] as const

/** Operators with how often each is used; most used first. */
export function OperatorsCard({ summary }: { summary: ModelSummary }) {
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
