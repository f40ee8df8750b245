/** Listings grid: the search with its facets, and a card for each listing. */
import type { FoundListing } from '@skerry/contract/market/catalogue'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { BadgeCheck, Store } from 'lucide-react'
import { useId } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { CopyButton } from '../../components/facts/copyable.tsx'
import { FilterInput, Select } from '../../components/fields.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import type { MarketSearch } from '../../search.ts'
import { useSettled } from '../deploy/draft/use-settled.ts'
import { marketTexts as words } from './english-market.ts'
import { ListingIcon } from './listing-icon.tsx'
import { marketQueries } from './market-queries.ts'
import { opinionsTexts } from './opinions/english-opinions.ts'

/** The address keeps the search. */
export function ListingsGrid() {
  const { q, category, kind, channel, mine } = useSearch({ from: '/inside/market' })
  const navigate = useNavigate({ from: '/market' })
  const onSearch = (change: MarketSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  const settled = useSettled(q)
  const found = useInfiniteQuery(marketQueries.search({ q: settled, category, kind, channel, mine }))
  const [first] = found.data?.pages ?? []
  const rows = found.data?.pages.flatMap((page) => page.rows) ?? []
  if (found.error) return <Failure error={found.error} onRetry={() => void found.refetch()} />
  if (!first) return <Loading rows={6} />
  const isFiltered = q !== undefined || category !== undefined || kind !== undefined || mine !== undefined
  return (
    <div className="flex flex-col gap-4">
      <div className="grid grid-cols-2 gap-2 sm:grid-cols-[minmax(12rem,1fr)_11rem_10rem_9rem]">
        <FilterInput
          className="col-span-2 sm:col-span-1"
          label={words.search}
          placeholder={words.searchHint}
          value={q ?? ''}
          onChange={(text) => onSearch({ q: text || undefined })}
        />
        <FacetSelect
          label={words.facets.category}
          value={category}
          facets={first.facets.categories}
          nameOf={(value) => words.categories[value as keyof typeof words.categories] ?? value}
          onChange={(value) => onSearch({ category: value })}
        />
        <FacetSelect
          label={words.facets.kind}
          value={kind}
          facets={first.facets.kinds}
          nameOf={(value) => value}
          onChange={(value) => onSearch({ kind: value })}
        />
        <Select
          aria-label={words.facets.channel}
          className="max-sm:col-span-2"
          value={channel ?? 'stable'}
          onChange={({ target }) => onSearch({ channel: target.value === 'beta' ? 'beta' : undefined })}
        >
          <option value="stable">{words.facets.stable}</option>
          <option value="beta">{words.facets.beta}</option>
        </Select>
        <label className="col-span-2 flex items-center gap-2 text-sm sm:col-span-4">
          <input
            type="checkbox"
            checked={mine === true}
            onChange={({ target }) => onSearch({ mine: target.checked ? true : undefined })}
          />
          {opinionsTexts.onlyRecommended}
        </label>
      </div>
      {rows.length === 0 ? (
        isFiltered ? (
          <Card>
            <Empty icon={Store} title={words.none} hint={words.noneHint} />
          </Card>
        ) : (
          <NoListings />
        )
      ) : (
        <>
          <p className="text-xs text-soft" aria-live="polite">
            {words.found(first.total)}
          </p>
          <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
            {rows.map((row) => (
              <ListingCard key={`${row.catalogue}/${row.entry.name}`} row={row} />
            ))}
          </ul>
          {found.hasNextPage && (
            <Button className="self-center" onClick={() => void found.fetchNextPage()}>
              {words.more}
            </Button>
          )}
        </>
      )}
    </div>
  )
}

/** Without a catalogue, the page says how to get one. */
function NoListings() {
  const { data } = useQuery(marketQueries.catalogues())
  const isSubscribed = (data?.rows.length ?? 0) > 0
  return (
    <Card>
      <Empty
        icon={Store}
        title={isSubscribed ? words.none : words.empty}
        hint={isSubscribed ? words.noneHint : <SubscribeHint />}
      />
    </Card>
  )
}

const SubscribeHint = () => (
  <>
    {words.emptyHint}
    <span className="mt-3 flex items-center justify-center gap-1">
      <code className="rounded-md bg-raised px-2.5 py-1 font-mono text-xs text-text">{words.command}</code>
      <CopyButton value={words.command} what={words.command} />
    </span>
  </>
)

type FacetProps = {
  label: string
  value: string | undefined
  facets: readonly { value: string; count: number }[]
  nameOf: (value: string) => string
  onChange: (value: string | undefined) => void
}

function FacetSelect({ label, value, facets, nameOf, onChange }: FacetProps) {
  // A choice without a hit stays visible, so that it can be taken back.
  const all =
    value === undefined || facets.some((facet) => facet.value === value) ? facets : [{ value, count: 0 }, ...facets]
  return (
    <Select aria-label={label} value={value ?? ''} onChange={({ target }) => onChange(target.value || undefined)}>
      <option value="">{`${label}: ${words.facets.any}`}</option>
      {all.map((facet) => (
        <option key={facet.value} value={facet.value}>
          {words.facet(nameOf(facet.value), facet.count)}
        </option>
      ))}
    </Select>
  )
}

function ListingCard({ row: { catalogue, entry, installed, rating, recommended } }: { row: FoundListing }) {
  const titleId = useId()
  return (
    <li className="card relative flex min-w-0 flex-col gap-3 p-4 focus-within:border-accent hover:border-line-strong">
      <div className="flex items-start gap-3">
        <ListingIcon catalogue={catalogue} icon={entry.icon} />
        <div className="min-w-0">
          <h2 id={titleId} className="leading-snug font-semibold">
            <Link
              to="/market/$catalogue/$listing"
              params={{ catalogue, listing: entry.name }}
              className="rounded after:absolute after:inset-0 hover:text-accent"
            >
              {entry.title}
            </Link>
          </h2>
          <p className="truncate text-xs text-soft">
            {entry.version} {words.by(entry.publisher)}
          </p>
        </div>
      </div>
      <p className="line-clamp-3 grow text-sm text-soft">{entry.summary}</p>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        {entry.certificate ? (
          <Badge tone="good" icon={BadgeCheck} isPlain>
            {words.certified(entry.certificate.level)}
          </Badge>
        ) : (
          <Badge tone="warn" isPlain>
            {words.uncertified}
          </Badge>
        )}
        <span className="text-xs text-soft">{entry.kinds.join(' · ')}</span>
        {rating && <span className="text-xs text-soft">{opinionsTexts.rating(rating)}</span>}
        {recommended && <Badge tone="good">{opinionsTexts.recommended(recommended)}</Badge>}
        {installed !== undefined && <Badge tone="busy">{words.installedVersion(installed)}</Badge>}
      </div>
    </li>
  )
}
