/** Lineage card: what a version was made from, and what was made from it. */
import type { LineageView } from '@skerry/contract/deployments/lineage'
import type { VersionDetail } from '@skerry/contract/models/model'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ArrowRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { Card, Facts } from '../../../components/card.tsx'
import { Copyable, shortDigest } from '../../../components/facts/copyable.tsx'
import { modelTexts } from '../english-models.ts'
import { modelQueries } from '../model-queries.ts'

const words = modelTexts.lineage

type Relative = { model: string; version: number; isRemoved?: boolean }

/** The card. */
export function LineageCard({ version }: { version: VersionDetail }) {
  const { lineage, descendantCount } = version
  return (
    <Card title={words.title}>
      <div className="flex flex-col gap-4">
        <Family version={version} />
        {lineage ? <Origin lineage={lineage} /> : descendantCount === 0 && <Nothing />}
      </div>
    </Card>
  )
}

const Nothing = () => (
  <p className="text-sm text-soft">
    {words.none} {words.noneHint}
  </p>
)

/** Parents, the version itself, and its children, from left to right. */
function Family({ version: { model, version, lineage, descendantCount } }: { version: VersionDetail }) {
  const { data } = useQuery({
    ...modelQueries.descendants(model, String(version)),
    enabled: descendantCount > 0,
  })
  const children = data?.rows ?? []
  return (
    <div className="grid items-center gap-3 sm:grid-cols-[1fr_auto_auto_auto_1fr]">
      <Side title={words.parents} none={words.noParents} relatives={lineage?.parents ?? []} isRight />
      <Arrow />
      <span className="justify-self-center rounded-md border border-accent bg-accent/10 px-2.5 py-1 text-sm font-medium">
        {model}:{version}
      </span>
      <Arrow />
      <Side
        title={words.descendants}
        none={words.noDescendants}
        relatives={children}
        more={descendantCount - children.length}
      />
    </div>
  )
}

const Arrow = () => <ArrowRight size={16} className="justify-self-center text-faint max-sm:rotate-90" aria-hidden />

type SideProps = { title: string; none: string; relatives: readonly Relative[]; more?: number; isRight?: boolean }

function Side({ title, none, relatives, more = 0, isRight }: SideProps) {
  return (
    <section aria-label={title} className={isRight ? 'sm:text-right' : undefined}>
      <h3 className="text-xs text-soft">{title}</h3>
      {relatives.length === 0 && <p className="text-sm text-soft">{none}</p>}
      <ul className={`mt-1 flex flex-wrap gap-1.5 ${isRight ? 'sm:justify-end' : ''}`}>
        {relatives.map((relative) => (
          <li key={`${relative.model}:${relative.version}`}>
            <RelativeLink relative={relative} />
          </li>
        ))}
      </ul>
      {more > 0 && <p className="mt-1 text-xs text-soft">{words.more(more)}</p>}
    </section>
  )
}

function RelativeLink({ relative: { model, version, isRemoved } }: { relative: Relative }) {
  const name = `${model}:${version}`
  if (isRemoved)
    return (
      <span className="inline-flex items-center gap-1.5 rounded-md border border-dashed border-line-strong px-2 py-0.5 text-sm">
        <s className="text-soft">{name}</s>
        <span className="text-xs text-soft">{words.removed}</span>
      </span>
    )
  return (
    <Link
      to="/models/$model/versions/$version"
      params={{ model, version: String(version) }}
      className="inline-block rounded-md border border-line-strong px-2 py-0.5 text-sm hover:border-accent hover:text-accent"
    >
      {name}
    </Link>
  )
}

function Origin({ lineage: { source, dataset, tool, createdBy, notes } }: { lineage: LineageView }) {
  const rows: (readonly [string, ReactNode])[] = []
  if (source)
    rows.push([words.source, <Place key="source" uri={source.uri} detail={source.commit} what={words.commit} />])
  if (dataset)
    rows.push([words.dataset, <Place key="dataset" uri={dataset.uri} detail={dataset.digest} what={words.dataset} />])
  if (tool !== undefined) rows.push([words.tool, tool])
  if (createdBy !== undefined) rows.push([words.createdBy, createdBy])
  if (notes !== undefined)
    rows.push([
      words.notes,
      <span key="notes" className="whitespace-pre-line">
        {notes}
      </span>,
    ])
  return (
    <>
      {rows.length > 0 && <Facts rows={rows} />}
      <p className="text-xs text-soft">{words.word}</p>
    </>
  )
}

/** Only web addresses become links: what else somebody wrote is shown, and copied. */
function Place({ uri, detail, what }: { uri: string; detail: string | undefined; what: string }) {
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1.5">
      {/^https:\/\//i.test(uri) ? (
        <a href={uri} target="_blank" rel="noreferrer noopener" className="text-accent wrap-anywhere hover:underline">
          {uri}
        </a>
      ) : (
        <Copyable value={uri} what={what} />
      )}
      {detail !== undefined && <Copyable value={detail} shown={shortDigest(detail)} what={what} />}
    </span>
  )
}
