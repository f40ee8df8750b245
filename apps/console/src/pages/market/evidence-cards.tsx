/** Evidence cards: the statements of the certificate, each with the command that repeats it, and results of models. */
import { annotationsOf, checkOf } from '@skerry/core/market/certify-listing'
import { CircleAlert, CircleCheck, CircleX } from 'lucide-react'
import { Card } from '../../components/card.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { CopyButton } from '../../components/facts/copyable.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { marketTexts } from './english-market.ts'
import type { ShownListing } from './listing-page.tsx'

const words = marketTexts.evidence
const { columns, modelColumns } = words

type Shown = Pick<ShownListing, 'listing' | 'certificate'>

export function EvidenceCards({ shown: { listing, certificate } }: { shown: Shown }) {
  return (
    <div className="flex flex-col gap-4">
      {certificate ? (
        <Card isFlush>
          <p className="border-b border-line px-4 py-3 text-sm text-soft">{words.lead}</p>
          <PlainTable
            label={marketTexts.listing.tabs.evidence}
            headers={[columns.check, columns.result, columns.facts, columns.command]}
            rows={certificate.statements.map((statement) => rowOf(statement))}
            wideOnly={[columns.facts]}
          />
        </Card>
      ) : (
        <Card>{words.none}</Card>
      )}
      {listing.evidence.length > 0 && (
        <Card title={words.models} isFlush>
          <PlainTable
            label={words.models}
            headers={[modelColumns.item, modelColumns.value, modelColumns.baseline, modelColumns.data]}
            rows={listing.evidence.map(({ item, measure, value, baseline, data }) => ({
              key: item,
              cells: [item, `${measure} ${value}`, `${baseline.value}, ${baseline.name}`, data],
            }))}
          />
        </Card>
      )}
    </div>
  )
}

type Statement = NonNullable<ShownListing['certificate']>['statements'][number]

const TONE = { PASSED: 'good', WARNED: 'warn', FAILED: 'bad' } as const
const ICON = { PASSED: CircleCheck, WARNED: CircleAlert, FAILED: CircleX } as const

function rowOf(statement: Statement) {
  const check = checkOf(statement)
  const { facts = {}, measured = {}, command = '', findings = [] } = annotationsOf(statement) ?? {}
  const { result } = statement.predicate
  return {
    key: check,
    cells: [
      <span key="check" className="font-medium">
        {words.checks[check as keyof typeof words.checks] ?? check}
      </span>,
      <Badge key="result" tone={TONE[result]} icon={ICON[result]} isPlain>
        {words.results[result]}
      </Badge>,
      <span key="facts" className="text-xs text-soft">
        {[...Object.entries({ ...facts, ...measured }).map(([name, value]) => `${name} ${value}`), ...findings].join(
          ', ',
        )}
      </span>,
      <span key="command" className="inline-flex max-w-full items-center gap-1">
        <code className="hidden truncate font-mono text-xs text-soft lg:inline">{command}</code>
        <CopyButton value={command} what={command} />
      </span>,
    ],
  }
}
