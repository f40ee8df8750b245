/** Model feeds: the models of other systems that the hub imports, with their states and newest versions. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Rss } from 'lucide-react'
import { Card, Page } from '../../components/card.tsx'
import { CreateButton } from '../../components/dialogs/create-button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { texts } from '../../texts/english.ts'
import { modelFeedsTexts as words } from './english-model-feeds.ts'
import { ModelFeedDialog } from './model-feed-dialog.tsx'
import { modelFeedQueries } from './model-feed-queries.ts'
import { ModelFeedBadge } from './model-feed-state.tsx'

/** Renders the page at /model-feeds. */
export function ModelFeedsPage() {
  return (
    <Page
      title={words.title}
      lead={words.lead}
      back={{ to: '/models', text: texts.shell.nav.models }}
      actions={<CreateButton permission="model.write" label={words.add} dialog={ModelFeedDialog} />}
    >
      <Card isFlush>
        <Feeds />
      </Card>
    </Page>
  )
}

function Feeds() {
  const { data, error, refetch } = useQuery(modelFeedQueries.list())
  const { columns } = words
  if (!data) return error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={4} />
  if (data.rows.length === 0) return <Empty icon={Rss} title={words.empty} hint={words.emptyHint} />
  return (
    <PlainTable
      label={words.title}
      headers={[columns.name, columns.state, columns.version, columns.place, columns.checked]}
      wideOnly={[columns.place, columns.checked]}
      rightCount={1}
      rows={data.rows.map(({ name, state, spec, imported, checkedAtMs }) => ({
        key: name,
        cells: [
          <Link
            key="name"
            to="/model-feeds/$name"
            params={{ name }}
            className="rounded font-medium hover:text-accent hover:underline"
          >
            {name}
          </Link>,
          <ModelFeedBadge key="state" state={state} />,
          imported ? `${spec.model}:${imported.version}` : words.none,
          <span key="place" className="text-soft wrap-anywhere">
            {spec.place}
          </span>,
          checkedAtMs === undefined ? words.none : <Instant key="checked" ms={checkedAtMs} />,
        ],
      }))}
    />
  )
}
