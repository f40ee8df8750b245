/** Report columns: the state of a source or a sink on its devices, its values, and its newest error. */
import type { Connection } from '@skerry/contract/connections/connection'
import { reportRank, reportsText, troubleText, worstState } from '@skerry/core/connections/report-words'
import { Badge } from '../../components/facts/badge.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { number } from '../../texts/count.ts'
import { sourcesTexts } from './english-sources.ts'
import { CONNECTION_LOOKS } from './source-marks.tsx'

const words = sourcesTexts.reports

/** Whether the sum of the values is known: a device reports the connection now. */
const isKnown = ({ reports }: Connection) => reports !== undefined && Object.keys(reports.states).length > 0

export const reportColumns: readonly Column<Connection>[] = [
  {
    id: 'state',
    header: words.columns.state,
    width: 'minmax(9rem, 1.2fr)',
    sortValue: ({ reports }) => (reports ? reportRank(reports) : 99),
    cell: ({ reports }) => {
      if (!reports) return <span className="text-soft">{words.unknown}</span>
      const { tone, icon } = CONNECTION_LOOKS[worstState(reports)]
      const text = reportsText(reports, words.states)
      return (
        <Badge tone={tone} icon={icon} isPlain>
          {text.charAt(0).toUpperCase() + text.slice(1)}
        </Badge>
      )
    },
  },
  {
    id: 'rate',
    header: words.columns.rate,
    width: '5.5rem',
    rank: 4,
    isRight: true,
    sortValue: ({ reports }) => reports?.valuesPerSecond ?? 0,
    cell: (row) => (isKnown(row) ? number.format(Math.round((row.reports?.valuesPerSecond ?? 0) * 10) / 10) : ''),
  },
  {
    id: 'since',
    header: words.columns.since,
    width: '6.5rem',
    rank: 3,
    sortValue: ({ reports }) => reports?.trouble?.sinceMs ?? 0,
    cell: ({ reports }) => reports?.trouble && <Instant ms={reports.trouble.sinceMs} className="text-soft" />,
  },
  {
    id: 'error',
    header: words.columns.error,
    width: 'minmax(11rem, 3fr)',
    rank: 1,
    sortValue: ({ reports }) => troubleText(reports) ?? '',
    cell: ({ reports }) => {
      const text = troubleText(reports)
      return text !== undefined && <span title={text}>{text}</span>
    },
  },
]
