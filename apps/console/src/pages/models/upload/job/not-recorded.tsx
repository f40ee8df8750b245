/** Not recorded: the parts of an upload that an existing version does not have. */
import type { NotRecorded } from '@skerry/contract/models/model'
import { PlainTable } from '../../../../components/rows/plain-table.tsx'
import { texts } from '../../../../texts/english.ts'
import { uploadTexts as words } from '../english-upload.ts'

/** The table below the outcome of an upload. */
export function NotRecordedTable({ parts }: { parts: readonly NotRecorded[] }) {
  const { part: first, given, recorded } = words.notRecordedColumns
  return (
    <section aria-label={words.notRecorded} className="border-t border-line">
      <h3 className="px-4 pt-3 pb-2 text-sm font-medium">{words.notRecorded}</h3>
      <PlainTable
        label={words.notRecorded}
        headers={[first, given, recorded]}
        rows={parts.map((each) => ({
          key: `${each.part} ${each.name} ${each.given}`,
          cells: [
            <span key="part" className="wrap-anywhere">
              {words.notRecordedParts[each.part]} {each.name}
            </span>,
            <Value key="given" part={each.part} value={each.given} />,
            <Value key="recorded" part={each.part} value={each.recorded} />,
          ],
        }))}
      />
      <p className="border-t border-line px-4 py-3 text-sm text-soft">
        {parts.some(({ part }) => part === 'label' || part === 'lineage') && `${words.notRecordedFixed} `}
        {parts.some(({ part }) => part === 'alias') && words.notRecordedAlias}
      </p>
    </section>
  )
}

function Value({ part, value }: { part: NotRecorded['part']; value: string | undefined }) {
  if (value === undefined) return <span className="text-soft">{texts.common.none}</span>
  const shown = part === 'alias' ? words.versionNumber(value) : value
  return <code className="font-mono text-xs wrap-anywhere">{shown}</code>
}
