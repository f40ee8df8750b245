/** Learnings: devices that learn what is normal, and the detectors that came out. */
import type { Learning } from '@skerry/contract/learning/learning'
import { learningLanguage } from '@skerry/core/language/learning-language'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Compass, Plus } from 'lucide-react'
import { useState } from 'react'
import { Button, GuardedButton } from '../../components/button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { ListPage } from '../../components/rows/list-page.tsx'
import { learningTexts as words } from './english-learning.ts'
import { FleetsDialog } from './fleet/fleets-dialog.tsx'
import { LearnDialog } from './learn-dialog.tsx'
import { LearningBadge } from './learning-badge.tsx'
import { learningQueries } from './learning-queries.ts'

/** Renders the page at /learning. */
export function LearningsPage() {
  const query = useQuery(learningQueries.list())
  const [asked, setAsked] = useState<'learn' | 'fleets'>()
  return (
    <>
      <ListPage
        words={words}
        query={query}
        columns={columns}
        rowKey={({ id }) => id}
        language={learningLanguage}
        icon={Compass}
        defaultSort="-started"
        actions={
          <>
            <Button onClick={() => setAsked('fleets')}>{words.fleet.orders}</Button>
            <GuardedButton permission="learning.write" look="primary" onClick={() => setAsked('learn')}>
              <Plus size={15} aria-hidden />
              {words.create}
            </GuardedButton>
          </>
        }
      />
      {asked === 'learn' && <LearnDialog onClose={() => setAsked(undefined)} />}
      {asked === 'fleets' && <FleetsDialog onClose={() => setAsked(undefined)} />}
    </>
  )
}

const columns: readonly Column<Learning>[] = [
  {
    id: 'name',
    header: words.columns.name,
    width: 'minmax(9rem, 1.5fr)',
    sortValue: ({ spec }) => spec.name,
    cell: ({ spec: { name } }) => (
      <Link to="/learning/$name" params={{ name }} className="rounded font-medium hover:text-accent hover:underline">
        {name}
      </Link>
    ),
  },
  {
    id: 'state',
    header: words.columns.state,
    width: 'minmax(10rem, 1fr)',
    sortValue: ({ phase }) => phase,
    cell: ({ phase }) => <LearningBadge phase={phase} isPlain />,
  },
  {
    id: 'device',
    header: words.columns.device,
    width: 'minmax(8rem, 1fr)',
    rank: 4,
    sortValue: ({ spec }) => spec.device,
    cell: ({ spec }) => <span className="truncate text-soft">{spec.device}</span>,
  },
  {
    id: 'tags',
    header: words.columns.tags,
    width: 'minmax(9rem, 1fr)',
    rank: 5,
    sortValue: ({ spec }) => spec.tags.length,
    cell: ({ spec }) => <span className="truncate text-soft">{words.tagsOf(spec.source, spec.tags.length)}</span>,
  },
  {
    id: 'started',
    header: words.columns.started,
    width: 'minmax(10rem, 1fr)',
    rank: 6,
    isRight: true,
    sortValue: ({ createdAtMs }) => createdAtMs,
    cell: ({ createdAtMs, createdBy }) => (
      <span className="truncate text-soft">
        <Instant ms={createdAtMs} /> {words.by(createdBy)}
      </span>
    ),
  },
]
