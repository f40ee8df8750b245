/**
 * Versions table: every version of a model, with the person who pushed it, its aliases, and the number of devices that
 * serve it now.
 */
import type { Version } from '@skerry/contract/models/model'
import type { VersionCount } from '@skerry/contract/rollouts/version-counts'
import { versionLanguage } from '@skerry/core/language/version-language'
import { runningOnWords } from '@skerry/core/rollouts/views/version-words'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Boxes } from 'lucide-react'
import { useCallback, useMemo } from 'react'
import { Card, LabelTags } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { Tooltip } from '../../components/dialogs/tooltip.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { type Column, DataTable } from '../../components/rows/data-table.tsx'
import { RowFilter } from '../../components/rows/row-filter.tsx'
import { useRowFilter } from '../../components/rows/use-row-filter.ts'
import type { ListSearch } from '../../search.ts'
import { texts } from '../../texts/english.ts'
import { AliasTags } from './alias-tags.tsx'
import { modelTexts } from './english-models.ts'
import { modelQueries } from './model-queries.ts'

const words = modelTexts.versions

/** The number of labels in a row. The version's page has all. */
const LABELS_SHOWN = 2

type VersionsTableProps = {
  model: string
  /** The filter and the order, in the address of the page. */
  search: ListSearch
  onSearch: (change: ListSearch) => void
}

/** The card with filter and table. */
export function VersionsTable({ model, search, onSearch }: VersionsTableProps) {
  const { data, error, refetch } = useQuery(modelQueries.versions(model))
  const { shown, problem } = useRowFilter(data, search.q, versionLanguage)
  const columns = useColumns(model, data)
  const onFilter = useCallback((q: string | undefined) => onSearch({ q }), [onSearch])
  return (
    <Card
      title={texts.model.versions}
      aside={<span className="text-xs text-soft tabular">{shown && words.count(shown.length)}</span>}
      isFlush
    >
      <div className="border-b border-line p-3">
        <RowFilter
          label={words.filter}
          language={versionLanguage}
          value={search.q ?? ''}
          onChange={onFilter}
          problem={problem}
        />
      </div>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading />}
      {data?.length === 0 && <Empty icon={Boxes} title={words.empty} hint={words.emptyHint} />}
      {data && data.length > 0 && shown?.length === 0 && <Empty icon={Boxes} title={words.noMatch} />}
      {shown && shown.length > 0 && (
        <DataTable
          label={texts.model.versions}
          className="max-h-[34rem]"
          rows={shown}
          columns={columns}
          rowKey={({ id }) => id}
          sort={search.sort ?? '-version'}
          onSort={(sort) => onSearch({ sort })}
        />
      )}
    </Card>
  )
}

function useColumns(model: string, versions: readonly Version[] | undefined): readonly Column<Version>[] {
  const { data: serving } = useQuery(modelQueries.serving(model))
  return useMemo(() => {
    const numbers = versions?.map(({ version }) => version) ?? []
    const before = (version: number) => numbers.find((number) => number < version)
    return [...FACTS, ...CONTENT, devicesColumn(serving), compareColumn(before)]
  }, [serving, versions])
}

/** Columns with a rank disappear in a narrow table, so that the devices stay in sight. */
const FACTS: readonly Column<Version>[] = [
  {
    id: 'version',
    header: words.columns.version,
    width: '6rem',
    sortValue: ({ version }) => version,
    cell: ({ name: model, version }) => (
      <Link
        to="/models/$model/versions/$version"
        params={{ model, version: String(version) }}
        className="rounded font-medium hover:text-accent hover:underline"
      >
        {texts.models.version(version)}
      </Link>
    ),
  },
  {
    id: 'aliases',
    header: words.columns.aliases,
    width: 'minmax(6rem, 1fr)',
    cell: ({ aliases }) => aliases.length > 0 && <AliasTags aliases={aliases} />,
  },
  {
    id: 'labels',
    header: words.columns.labels,
    width: 'minmax(7rem, 1fr)',
    rank: 3,
    cell: ({ labels }) => <LabelTags labels={labels} max={LABELS_SHOWN} />,
  },
  {
    id: 'pushed',
    header: words.columns.pushed,
    width: '5.5rem',
    rank: 2,
    sortValue: ({ createdAtMs }) => -createdAtMs,
    cell: ({ createdAtMs }) => (
      <span className="text-soft">
        <Instant ms={createdAtMs} />
      </span>
    ),
  },
  {
    id: 'by',
    header: words.columns.by,
    width: '5.5rem',
    rank: 6,
    sortValue: ({ createdBy }) => createdBy,
    cell: ({ createdBy }) => createdBy,
  },
]

const CONTENT: readonly Column<Version>[] = [
  {
    id: 'size',
    header: words.columns.size,
    width: '5.5rem',
    rank: 4,
    isRight: true,
    sortValue: ({ sizeBytes }) => sizeBytes,
    cell: ({ sizeBytes }) => sizeText(sizeBytes),
  },
  {
    id: 'golden',
    header: words.columns.golden,
    width: '4.5rem',
    rank: 5,
    isRight: true,
    sortValue: ({ goldenCases }) => goldenCases,
    cell: ({ goldenCases }) => goldenCases,
  },
]

const devicesColumn = (serving: ReadonlyMap<number, VersionCount> | undefined): Column<Version> => ({
  id: 'devices',
  header: words.columns.devices,
  width: '6.5rem',
  isRight: true,
  sortValue: ({ version }) => serving?.get(version)?.devices ?? 0,
  cell: ({ version }) => (serving ? <RunningCount count={serving.get(version)} /> : '…'),
})

/** The devices that report, and a mark if others were silent since they reported the version. */
function RunningCount({
  count: { devices, silent = 0 } = { devices: 0 },
}: {
  count?: Pick<VersionCount, 'devices' | 'silent'> | undefined
}) {
  const heard = texts.common.number(devices - silent)
  if (silent === 0) return heard
  return (
    <Tooltip text={runningOnWords({ devices, silent }, texts.common.number)}>
      <span>
        {heard} <span className="text-warn">{words.silent(silent)}</span>
      </span>
    </Tooltip>
  )
}

const compareColumn = (beforeOf: (version: number) => number | undefined): Column<Version> => ({
  id: 'compare',
  header: words.columns.compare,
  width: '5.5rem',
  rank: 1,
  isRight: true,
  cell: ({ name: model, version }) => {
    const before = beforeOf(version)
    if (before === undefined) return null
    return (
      <Link
        to="/models/$model/compare"
        params={{ model }}
        search={{ a: before, b: version }}
        aria-label={words.compareLabel(before, version)}
        className="rounded text-accent hover:underline"
      >
        {words.compareWith(before)}
      </Link>
    )
  },
})
