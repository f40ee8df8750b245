/** Git sources: the repositories that the hub follows, with their commits, states and drift. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { GitBranch } from 'lucide-react'
import { Card, Page } from '../../components/card.tsx'
import { CreateButton } from '../../components/dialogs/create-button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { texts } from '../../texts/english.ts'
import { gitSourcesTexts as words } from './english-git-sources.ts'
import { GitSourceDialog } from './git-source-dialog.tsx'
import { gitSourceQueries } from './git-source-queries.ts'
import { GitSourceBadge, shortHash } from './git-source-state.tsx'

/** Renders the page at /git-sources. */
export function GitSourcesPage() {
  return (
    <Page
      title={words.title}
      lead={words.lead}
      back={{ to: '/deployments', text: texts.shell.nav.deployments }}
      actions={<CreateButton permission="git.write" label={words.add} dialog={GitSourceDialog} />}
    >
      <Card isFlush>
        <Sources />
      </Card>
    </Page>
  )
}

function Sources() {
  const { data, error, refetch } = useQuery(gitSourceQueries.list())
  const { columns } = words
  if (!data) return error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={4} />
  if (data.rows.length === 0) return <Empty icon={GitBranch} title={words.empty} hint={words.emptyHint} />
  return (
    <PlainTable
      label={words.title}
      headers={[columns.name, columns.state, columns.commit, columns.repository, columns.differing, columns.checked]}
      wideOnly={[columns.commit, columns.repository, columns.checked]}
      rightCount={2}
      rows={data.rows.map(({ name, state, applied, spec, differing, checkedAtMs }) => ({
        key: name,
        cells: [
          <Link
            key="name"
            to="/git-sources/$name"
            params={{ name }}
            className="rounded font-medium hover:text-accent hover:underline"
          >
            {name}
          </Link>,
          <GitSourceBadge key="state" state={state} />,
          <code key="commit" className="font-mono text-xs text-soft">
            {applied ? shortHash(applied.hash) : words.none}
          </code>,
          <span key="repository" className="text-soft wrap-anywhere">
            {spec.url}
          </span>,
          differing,
          checkedAtMs === undefined ? words.none : <Instant key="checked" ms={checkedAtMs} />,
        ],
      }))}
    />
  )
}
