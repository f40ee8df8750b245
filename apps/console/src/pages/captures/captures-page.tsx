/** Captures: the models of which devices keep rows. */
import type { Capture } from '@skerry/contract/captures/capture'
import { captureLanguage } from '@skerry/core/language/capture-language'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ScanEye } from 'lucide-react'
import { CreateButton } from '../../components/dialogs/create-button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { ListPage } from '../../components/rows/list-page.tsx'
import { number } from '../../texts/count.ts'
import { CaptureDialog } from './capture-dialog.tsx'
import { captureQueries } from './capture-queries.ts'
import { capturesTexts as words } from './english-captures.ts'

/** Renders the page at /captures. */
export function CapturesPage() {
  const query = useQuery(captureQueries.list())
  return (
    <ListPage
      words={words}
      query={query}
      columns={columns}
      rowKey={({ model }) => model}
      language={captureLanguage}
      icon={ScanEye}
      defaultSort="model"
      actions={<CreateButton permission="capture.write" label={words.create} dialog={CaptureDialog} />}
    />
  )
}

const columns: readonly Column<Capture>[] = [
  {
    id: 'model',
    header: words.columns.model,
    width: 'minmax(10rem, 1fr)',
    sortValue: ({ model }) => model,
    cell: ({ model }) => (
      <Link to="/captures/$model" params={{ model }} className="rounded font-medium hover:text-accent hover:underline">
        {model}
      </Link>
    ),
  },
  {
    id: 'keeps',
    header: words.columns.keeps,
    width: 'minmax(12rem, 1.5fr)',
    sortValue: ({ rules }) => words.keeps(rules),
    cell: ({ rules }) => <span className="truncate">{words.keeps(rules)}</span>,
  },
  {
    id: 'purpose',
    header: words.columns.purpose,
    width: 'minmax(12rem, 2fr)',
    sortValue: ({ rules }) => rules.purpose,
    cell: ({ rules }) => <span className="truncate text-soft">{rules.purpose}</span>,
  },
  {
    id: 'labels',
    header: words.columns.labels,
    width: '7rem',
    isRight: true,
    sortValue: ({ labels }) => labels,
    cell: ({ labels }) => number.format(labels),
  },
  {
    id: 'set',
    header: words.columns.set,
    width: 'minmax(10rem, 1fr)',
    isRight: true,
    sortValue: ({ changedAtMs }) => changedAtMs,
    cell: ({ changedAtMs, changedBy }) => (
      <span className="truncate text-soft">
        <Instant ms={changedAtMs} /> {words.by(changedBy)}
      </span>
    ),
  },
]
