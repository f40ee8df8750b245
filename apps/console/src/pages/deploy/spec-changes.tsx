/** Spec changes: what differs between two specs, field by field. */
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { specChanges } from '@skerry/core/deployments/spec-changes'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { deployTexts } from './english-deploy.ts'

const words = deployTexts.review

type ChangesProps = {
  before: DeploymentSpec
  after: DeploymentSpec
  /** What the version's words meant and mean: the same text may be a change. */
  moved?: { from: number; to: number | undefined }
}

/** The table. */
export function SpecChanges({ before, after, moved }: ChangesProps) {
  const changes = specChanges(before, after)
  if (changes.length === 0) {
    const isMoved = moved?.to !== undefined && moved.to !== moved.from
    return <p className="p-4 text-sm text-soft">{isMoved ? words.moved(moved.from, moved.to ?? 0) : words.noChanges}</p>
  }
  return (
    <PlainTable
      label={words.columns.field}
      headers={[words.columns.field, words.columns.before, words.columns.after]}
      rows={changes.map(({ field, before: old, after: next }) => ({
        key: field,
        cells: [
          <code key="field" className="font-mono text-xs">
            {field}
          </code>,
          <Value key="before" text={old} tone="text-soft" />,
          <Value key="after" text={next} tone="font-medium" />,
        ],
      }))}
    />
  )
}

const Value = ({ text, tone }: { text: string | undefined; tone: string }) => (
  <span className={text === undefined ? 'text-faint' : `${tone} wrap-anywhere`}>{text ?? words.absent}</span>
)
