/** Git source: its newest commit, its problem, and its differences from the hub. */
import type { GitChange, GitSource } from '@skerry/contract/git-sources/git-source'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Card, Facts, Page } from '../../components/card.tsx'
import { cn } from '../../components/class-names.ts'
import { Copyable } from '../../components/facts/copyable.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { ProblemCard } from '../../components/facts/problem-card.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { gitSourcesTexts as words } from './english-git-sources.ts'
import { GitSourceActions } from './git-source-actions.tsx'
import { gitSourceQueries } from './git-source-queries.ts'
import { GitSourceBadge, shortHash } from './git-source-state.tsx'

const back = { to: '/git-sources', text: words.back } as const

/** Renders the page at /git-sources/NAME. */
export function GitSourcePage() {
  const { name } = useParams({ from: '/inside/git-sources/$name' })
  const { data, error, refetch } = useQuery(gitSourceQueries.one(name))
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
      beside={<GitSourceBadge state={data.state} />}
      actions={<GitSourceActions source={data} />}
    >
      {data.problem && (
        <ProblemCard title={words.problem(data.problem.code)} since={words.since} problem={data.problem} />
      )}
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,2fr)_minmax(18rem,1fr)]">
        <DriftCard source={data} />
        <div className="flex min-w-0 flex-col gap-4">
          <CommitCard source={data} />
          <SourceCard source={data} />
        </div>
      </div>
    </Page>
  )
}

function DriftCard({ source: { differing, changes, kept } }: { source: GitSource }) {
  const { drift } = words
  const more = differing - changes.length
  return (
    <Card title={drift.title(differing)}>
      {differing === 0 && <p className="text-sm text-soft">{drift.none}</p>}
      <ul className="flex flex-col gap-4">
        {changes.map((change) => (
          <li key={`${change.kind} ${change.name}`}>
            <Change change={change} />
          </li>
        ))}
      </ul>
      {more > 0 && <p className="pt-3 text-sm text-soft">{drift.more(more)}</p>}
      {kept.length > 0 && <p className="pt-3 text-sm wrap-anywhere text-warn">{drift.kept(kept)}</p>}
    </Card>
  )
}

function Change({ change: { kind, name, change, diff } }: { change: GitChange }) {
  // The lines of a diff repeat, and never change their order.
  const lines = diff.map((line, index) => ({ key: `${index}`, line }))
  return (
    <>
      <p className="text-sm">
        <span className="font-medium">
          {kind} {name}
        </span>{' '}
        <span className="text-soft">{words.drift[change]}</span>
      </p>
      <pre className="mt-1 overflow-x-auto rounded-md border border-line bg-raised p-3 font-mono text-xs leading-5">
        {lines.map(({ key, line }) => (
          <span key={key} className={cn('block', toneOf(line))}>
            {line}
          </span>
        ))}
      </pre>
    </>
  )
}

function toneOf(line: string): string {
  if (line.startsWith('+')) return 'text-good'
  return line.startsWith('-') ? 'text-bad' : 'text-soft'
}

function CommitCard({ source: { head, applied, documents } }: { source: GitSource }) {
  const { commit } = words
  if (!head)
    return (
      <Card title={commit.title}>
        <p className="text-sm text-soft">{commit.none}</p>
      </Card>
    )
  return (
    <Card title={commit.title}>
      <Facts
        rows={[
          [commit.subject, head.subject],
          [commit.hash, <Copyable key="hash" value={head.hash} shown={shortHash(head.hash)} what={commit.hash} />],
          [commit.author, head.author],
          [commit.signer, head.signer ?? commit.unsigned],
          [commit.at, <Instant key="at" ms={head.atMs} />],
          [commit.documents, documents ?? words.none],
          [commit.applied, <Applied key="applied" applied={applied} />],
        ]}
      />
    </Card>
  )
}

function Applied({ applied }: Pick<GitSource, 'applied'>) {
  if (!applied) return words.none
  return (
    <span>
      <code className="font-mono text-xs">{shortHash(applied.hash)}</code> <Instant ms={applied.atMs} />
    </span>
  )
}

function SourceCard({ source }: { source: GitSource }) {
  const { facts } = words
  const { spec, paused, checkedAtMs } = source
  const rows: (readonly [string, ReactNode])[] = [
    [facts.repository, spec.url],
    [facts.branch, spec.branch],
    [facts.path, spec.path],
    [facts.role, spec.role],
    [facts.signers, spec.signers.map(({ name }) => name).join(', ') || facts.noSigners],
    [facts.onDrift, facts[spec.onDrift]],
    [facts.onLeave, facts[spec.onLeave]],
    [facts.token, source.hasToken ? facts.set : facts.unset],
    [facts.webhook, source.hasWebhook ? facts.set : facts.unset],
    [facts.interval, facts.seconds(spec.intervalSeconds)],
    [facts.checked, checkedAtMs === undefined ? words.none : <Instant key="checked" ms={checkedAtMs} />],
    [facts.next, <Instant key="next" ms={source.nextAtMs} />],
  ]
  if (paused) rows.push([facts.pausedBy, facts.by(paused.by, paused.reason)])
  return (
    <Card title={facts.title}>
      <Facts rows={rows} />
    </Card>
  )
}
