/** Groups: the names of selectors. */
import type { Group } from '@skerry/contract/groups/group'
import { groupLanguage } from '@skerry/core/language/group-language'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Group as GroupIcon } from 'lucide-react'
import { CreateButton } from '../../components/dialogs/create-button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import type { Column } from '../../components/rows/data-table.tsx'
import { ListPage } from '../../components/rows/list-page.tsx'
import { groupsTexts as words } from './english-groups.ts'
import { GroupDialog } from './group-dialog.tsx'
import { groupQueries } from './group-queries.ts'

/** Renders the page at /groups. */
export function GroupsPage() {
  const query = useQuery(groupQueries.list())
  return (
    <ListPage
      words={words}
      query={query}
      columns={columns}
      rowKey={({ name }) => name}
      language={groupLanguage}
      icon={GroupIcon}
      defaultSort="name"
      actions={<CreateButton permission="group.write" label={words.create} dialog={GroupDialog} />}
    />
  )
}

const columns: readonly Column<Group>[] = [
  {
    id: 'name',
    header: words.columns.name,
    width: 'minmax(8rem, 1fr)',
    sortValue: ({ name }) => name,
    cell: ({ name }) => (
      <Link
        to="/groups/$group"
        params={{ group: name }}
        className="rounded font-medium hover:text-accent hover:underline"
      >
        {name}
      </Link>
    ),
  },
  {
    id: 'selector',
    header: words.columns.selector,
    width: 'minmax(12rem, 2.5fr)',
    sortValue: ({ spec }) => spec.selector,
    cell: ({ spec }) => (
      <code className="truncate font-mono text-xs text-soft" title={spec.selector}>
        {spec.selector}
      </code>
    ),
  },
  {
    id: 'description',
    header: words.columns.description,
    width: 'minmax(8rem, 1.5fr)',
    rank: 4,
    sortValue: ({ spec }) => spec.description ?? '',
    cell: ({ spec }) => <span className="truncate text-soft">{spec.description}</span>,
  },
  {
    id: 'changed',
    header: words.columns.changed,
    width: '9rem',
    rank: 5,
    sortValue: ({ changedAtMs }) => changedAtMs,
    cell: ({ changedAtMs }) => <Instant ms={changedAtMs} />,
  },
]
