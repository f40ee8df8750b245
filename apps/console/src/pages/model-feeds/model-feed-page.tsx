/** Model feed: the place from which a model comes, its newest version, and its problem. */
import type { ModelFeed } from '@skerry/contract/model-feeds/model-feed'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Card, Facts, Page } from '../../components/card.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { ProblemCard } from '../../components/facts/problem-card.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { modelFeedsTexts as words } from './english-model-feeds.ts'
import { ModelFeedActions } from './model-feed-actions.tsx'
import { modelFeedQueries } from './model-feed-queries.ts'
import { ModelFeedBadge } from './model-feed-state.tsx'

const back = { to: '/model-feeds', text: words.back } as const

/** Renders the page at /model-feeds/NAME. */
export function ModelFeedPage() {
  const { name } = useParams({ from: '/inside/model-feeds/$name' })
  const { data, error, refetch } = useQuery(modelFeedQueries.one(name))
  if (!data)
    return (
      <Page title={name} back={back}>
        <WaitingCard error={error} retry={refetch} />
      </Page>
    )
  return (
    <Page
      title={name}
      back={back}
      beside={<ModelFeedBadge state={data.state} />}
      actions={<ModelFeedActions feed={data} />}
    >
      {data.problem && (
        <ProblemCard title={words.problem(data.problem.code)} since={words.since} problem={data.problem} />
      )}
      <Card title={words.facts.title}>
        <Facts rows={rowsOf(data)} />
      </Card>
    </Page>
  )
}

function rowsOf(feed: ModelFeed): (readonly [string, ReactNode])[] {
  const { facts } = words
  const { spec, paused, imported, checkedAtMs } = feed
  const rows: (readonly [string, ReactNode])[] = [
    [facts.place, spec.place],
    [facts.model, spec.model],
    [facts.aliases, spec.aliases.map((alias) => `@${alias}`).join(', ') || words.none],
    [facts.token, feed.hasToken ? facts.set : facts.unset],
    [facts.interval, facts.seconds(spec.intervalSeconds)],
    [facts.imported, imported ? <Version key="version" model={spec.model} version={imported.version} /> : words.none],
    [facts.checked, checkedAtMs === undefined ? words.none : <Instant key="checked" ms={checkedAtMs} />],
  ]
  if (spec.server !== undefined) rows.push([facts.server, spec.server])
  if (spec.file !== undefined) rows.push([facts.file, spec.file])
  if (imported) rows.push([facts.at, <Instant key="at" ms={imported.atMs} />])
  if (imported?.revision !== undefined) rows.push([facts.revision, imported.revision])
  rows.push(
    paused
      ? [facts.pausedBy, facts.by(paused.by, paused.reason)]
      : [facts.next, <Instant key="next" ms={feed.nextAtMs} />],
  )
  return rows
}

const Version = ({ model, version }: { model: string; version: number }) => (
  <Link
    to="/models/$model/versions/$version"
    params={{ model, version: String(version) }}
    className="rounded hover:text-accent hover:underline"
  >
    {`${model}:${version}`}
  </Link>
)
