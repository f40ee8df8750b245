/** Audit: the whole trail, filtered, verified and exported; each record opens. All of it is in the address. */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ScrollText } from 'lucide-react'
import { useMemo } from 'react'
import { Button } from '../../components/button.tsx'
import { Page } from '../../components/card.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { DataTable } from '../../components/rows/data-table.tsx'
import type { AuditSearch } from '../../search.ts'
import { texts } from '../../texts/english.ts'
import { auditColumns } from './audit-columns.tsx'
import { AuditFilters } from './audit-filters.tsx'
import { auditQueries } from './audit-queries.ts'
import { ExportButton } from './export-button.tsx'
import { RecordDrawer } from './record-drawer.tsx'
import { VerifyButton } from './verify-button.tsx'

const words = texts.audit
const NO_FILTER: AuditSearch = {}

/** The page at /audit. */
export function AuditPage() {
  const { record, ...filter } = useSearch({ from: '/inside/audit' })
  const navigate = useNavigate({ from: '/audit' })
  const set = (change: AuditSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: change.record === undefined })
  const isFiltered = Object.values(filter).some((part) => part !== undefined)
  return (
    <Page
      isFull
      title={words.title}
      lead={words.lead}
      actions={
        <>
          <VerifyButton />
          <ExportButton filter={filter} />
        </>
      }
    >
      <AuditFilters filter={filter} onChange={set} />
      <Records filter={filter} isFiltered={isFiltered} onClear={() => void navigate({ search: NO_FILTER })} />
      {record !== undefined && <RecordDrawer sequence={record} onClose={() => set({ record: undefined })} />}
    </Page>
  )
}

type RecordsProps = { filter: AuditSearch; isFiltered: boolean; onClear: () => void }

function Records({ filter, isFiltered, onClear }: RecordsProps) {
  const query = useInfiniteQuery(auditQueries.list(filter))
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const records = useMemo(() => data?.pages.flatMap(({ rows }) => rows), [data])
  const more = () => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }
  return (
    <div className="card flex min-h-0 flex-col overflow-hidden">
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!records && !error && <Loading rows={8} />}
      {records?.length === 0 && (
        <Empty
          icon={ScrollText}
          title={words.empty}
          hint={words.emptyHint}
          action={isFiltered && <Button onClick={onClear}>{words.clear}</Button>}
        />
      )}
      {records && records.length > 0 && <RecordTable records={records} onEnd={more} />}
      {records && records.length > 0 && (
        <p role="status" className="border-t border-line px-4 py-1.5 text-xs text-soft tabular">
          {words.loaded(records.length, hasNextPage)}
        </p>
      )}
    </div>
  )
}

const RecordTable = ({ records, onEnd }: { records: readonly AuditRecord[]; onEnd: () => void }) => (
  <DataTable
    label={words.title}
    rows={records}
    columns={auditColumns}
    rowKey={({ sequence }) => String(sequence)}
    sort={undefined}
    onSort={() => undefined}
    onEnd={onEnd}
  />
)
