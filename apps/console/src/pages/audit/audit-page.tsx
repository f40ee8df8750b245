/** Audit: the whole trail, filtered, verified and exported. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ScrollText } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { Page } from '../../components/card.tsx'
import { Field, INPUT } from '../../components/fields.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { queries } from '../../hub/queries.ts'
import { texts } from '../../texts/english.ts'
import { AuditTable } from './audit-table.tsx'
import { ExportButton } from './export-button.tsx'
import { VerifyButton } from './verify-button.tsx'

const words = texts.audit

/** The page at /audit. */
export function AuditPage() {
  const filter = useSearch({ from: '/inside/audit' })
  const navigate = useNavigate({ from: '/audit' })
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    queries.audit(filter),
  )
  const records = data?.pages.flatMap(({ rows }) => rows)
  const set = (change: typeof filter) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        <>
          <VerifyButton />
          <ExportButton filter={filter} />
        </>
      }
    >
      <div className="grid gap-3 sm:grid-cols-2 lg:max-w-3xl">
        <Field label={words.action}>
          {(control) => (
            <input
              {...control}
              data-filter
              className={`${INPUT} font-mono text-xs`}
              placeholder={words.actionPlaceholder}
              value={filter.action ?? ''}
              onChange={(event) => set({ action: event.target.value || undefined })}
            />
          )}
        </Field>
        <Field label={words.object}>
          {(control) => (
            <input
              {...control}
              className={`${INPUT} font-mono text-xs`}
              placeholder={words.objectPlaceholder}
              value={filter.object ?? ''}
              onChange={(event) => set({ object: event.target.value || undefined })}
            />
          )}
        </Field>
      </div>
      <div className="card overflow-hidden">
        {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
        {!records && !error && <Loading rows={8} />}
        {records?.length === 0 && <Empty icon={ScrollText} title={words.empty} hint={words.emptyHint} />}
        {records && records.length > 0 && <AuditTable records={records} />}
        {hasNextPage && (
          <div className="flex justify-center border-t border-line p-3">
            <Button
              blocked={isFetchingNextPage ? texts.common.loading : undefined}
              onClick={() => void fetchNextPage()}
            >
              {words.more}
            </Button>
          </div>
        )}
      </div>
    </Page>
  )
}
