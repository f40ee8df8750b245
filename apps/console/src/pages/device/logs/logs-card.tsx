/**
 * Logs card: the newest lines of the agent's log. The page fetches them when somebody requests it, because the hub
 * records each look.
 */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import type { LogLine } from '@skerry/contract/devices/log-line'
import { useQuery } from '@tanstack/react-query'
import { Copy, Download, ScrollText } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { FilterInput, Select } from '../../../components/fields.tsx'
import { Empty } from '../../../components/page-state.tsx'
import { type Column, DataTable } from '../../../components/rows/data-table.tsx'
import { toast } from '../../../components/toasts.tsx'
import { texts } from '../../../texts/english.ts'
import { saveText } from '../../playground/save-text.ts'
import { logWords as words } from './english-logs.ts'
import { FetchedCard } from './fetched-card.tsx'
import { filterLines, LEVELS, type LevelFilter, type NumberedLine, saidText, textOfLines } from './log-lines.ts'
import { logQueries } from './log-queries.ts'

export function LogsCard({ device: { name, liveness } }: { device: DeviceDetail }) {
  const query = useQuery(logQueries.lines(name))
  return (
    <FetchedCard
      title={words.title}
      words={words}
      liveness={liveness}
      query={query}
      draw={(lines) => <Lines device={name} lines={lines} />}
    />
  )
}

function Lines({ device, lines }: { device: string; lines: readonly LogLine[] }) {
  const [level, setLevel] = useState<LevelFilter>('debug')
  const [filter, setFilter] = useState('')
  const [sort, setSort] = useState('-at')
  const shown = useMemo(() => filterLines(lines, level, filter), [lines, level, filter])
  const copy = async () => {
    await navigator.clipboard.writeText(textOfLines(shown))
    toast('good', words.copied(shown.length))
  }
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 border-b border-line p-3">
        <Select
          aria-label={words.level}
          className="w-48"
          value={level}
          onChange={(event) => setLevel(event.target.value as LevelFilter)}
        >
          {LEVELS.map((each) => (
            <option key={each} value={each}>
              {words.levels[each]}
            </option>
          ))}
        </Select>
        <FilterInput
          className="min-w-40 flex-1"
          label={words.filter}
          placeholder={words.placeholder}
          value={filter}
          onChange={setFilter}
        />
        <span role="status" className="text-xs text-soft tabular">
          {words.shown(shown.length, lines.length)}
        </span>
        <Button isSmall onClick={() => void copy().catch(() => toast('bad', texts.common.failed))}>
          <Copy size={13} aria-hidden />
          {texts.common.copy(words.copy)}
        </Button>
        <Button isSmall onClick={() => saveText(`${device}-log.jsonl`, textOfLines(shown), 'application/x-ndjson')}>
          <Download size={13} aria-hidden />
          {words.download}
        </Button>
      </div>
      {shown.length === 0 ? (
        <Empty icon={ScrollText} title={words.noMatch} />
      ) : (
        <DataTable
          label={words.title}
          className="max-h-[28rem]"
          rows={shown}
          columns={columns}
          rowKey={({ number }) => String(number)}
          sort={sort}
          onSort={setSort}
        />
      )}
    </>
  )
}

const LEVEL_LOOK = { debug: 'text-faint', info: 'text-soft', warn: 'text-warn', error: 'text-bad' } as const

const columns: readonly Column<NumberedLine>[] = [
  {
    id: 'at',
    header: words.columns.at,
    width: '5rem',
    sortValue: ({ number }) => number,
    cell: ({ atMs }) => (
      <span className="text-soft">
        <Instant ms={atMs} />
      </span>
    ),
  },
  {
    id: 'level',
    header: words.columns.level,
    width: '3.5rem',
    sortValue: ({ level }) => LEVELS.indexOf(level),
    cell: ({ level }) => <span className={LEVEL_LOOK[level]}>{level}</span>,
  },
  {
    id: 'event',
    header: words.columns.event,
    width: 'minmax(16rem, 1fr)',
    sortValue: ({ event }) => event,
    cell: (line) => <Said line={line} />,
  },
]

/** The event, with its details below. */
function Said({ line }: { line: NumberedLine }) {
  const said = saidText(line)
  return (
    <span className="flex min-w-0 flex-col font-mono leading-4">
      <span className="truncate text-xs">
        {line.event}
        {line.program !== 'agent' && <span className="text-soft"> {line.program}</span>}
      </span>
      <span className="truncate text-2xs text-soft" title={said}>
        {said}
      </span>
    </span>
  )
}
