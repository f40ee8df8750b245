/** Source tags: every tag of a source, as it was written; found by words, and taken along as CSV. */
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { holdsWords } from '@skerry/core/language/row-language'
import { csvOf, type TagRow, tagRowsOf } from '@skerry/core/tags/tag-rows'
import { durationText } from '@skerry/core/values/duration'
import { Download } from 'lucide-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { FilterInput } from '../../components/fields.tsx'
import { type Column, DataTable, type Sort } from '../../components/rows/data-table.tsx'
import { saveText } from '../playground/save-text.ts'
import { sourcesTexts } from './english-sources.ts'

const words = sourcesTexts.tags

/** The card. */
export function SourceTags({ name, spec }: { name: string; spec: ConnectionSpec }) {
  const rows = useMemo(() => tagRowsOf(spec), [spec])
  const [text, setText] = useState('')
  const [sort, setSort] = useState<Sort>()
  const asked = useDeferredValue(text)
  const shown = useMemo(
    () => rows.filter(({ name, group, where, unit }) => holdsWords(`${name} ${group} ${where} ${unit ?? ''}`, asked)),
    [rows, asked],
  )
  const aside = (
    <Button isSmall onClick={() => saveText(`${name}.csv`, csvOf(rows), 'text/csv')}>
      <Download size={13} aria-hidden />
      {words.export}
    </Button>
  )
  return (
    <Card title={words.title} aside={aside} isFlush>
      <div className="border-b border-line p-3">
        <FilterInput label={words.filter} placeholder={words.placeholder} value={text} onChange={setText} />
      </div>
      {shown.length === 0 && <p className="p-4 text-sm text-soft">{words.noMatch}</p>}
      {shown.length > 0 && (
        <DataTable
          label={words.title}
          className="max-h-[32rem]"
          rows={shown}
          columns={columns}
          rowKey={({ name }) => name}
          sort={sort}
          onSort={setSort}
        />
      )}
    </Card>
  )
}

const columns: readonly Column<TagRow>[] = [
  {
    id: 'name',
    header: words.columns.name,
    width: 'minmax(10rem, 2fr)',
    sortValue: ({ name }) => name,
    cell: ({ name }) => <span className="truncate font-mono text-xs">{name}</span>,
  },
  {
    id: 'where',
    header: words.columns.where,
    width: 'minmax(9rem, 1.5fr)',
    sortValue: ({ where }) => where,
    cell: ({ where }) => <span className="truncate font-mono text-xs text-soft">{where}</span>,
  },
  {
    id: 'unit',
    header: words.columns.unit,
    width: '5rem',
    sortValue: ({ unit }) => unit ?? '',
    cell: ({ unit }) => unit ?? '',
  },
  {
    id: 'group',
    header: words.columns.group,
    width: 'minmax(6rem, 1fr)',
    sortValue: ({ group }) => group,
    cell: ({ group }) => group,
  },
  {
    id: 'every',
    header: words.columns.every,
    width: '6rem',
    isRight: true,
    sortValue: ({ everyMs }) => everyMs ?? 0,
    cell: ({ everyMs }) => (everyMs === undefined ? '' : everyText(everyMs)),
  },
  {
    id: 'write',
    header: words.columns.write,
    width: 'minmax(7rem, 1fr)',
    isRight: true,
    sortValue: ({ write }) => (write ? 1 : 0),
    cell: ({ write }) => (write ? <Writable write={write} /> : <span className="text-faint">{words.readOnly}</span>),
  },
]

const Writable = ({ write: { min, max, interlock } }: { write: NonNullable<TagRow['write']> }) => (
  <span className="truncate" title={interlock && words.onlyWhile(interlock.when)}>
    {words.writable(min, max)}
    {interlock && <span className="text-soft">, {words.interlocked}</span>}
  </span>
)

const everyText = (ms: number) => (ms % 1_000 === 0 ? durationText(ms / 1_000) : `${ms} ms`)
