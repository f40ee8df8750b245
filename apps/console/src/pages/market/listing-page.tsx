/** Listing: its description, permissions, evidence and versions. */
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { BadgeCheck } from 'lucide-react'
import { Card, Facts, Page } from '../../components/card.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { Copyable, shortDigest } from '../../components/facts/copyable.tsx'
import { PageTabs } from '../../components/page-tabs.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import type { hub } from '../../hub/hub-client.ts'
import { LISTING_TABS } from '../../search.ts'
import { marketTexts } from './english-market.ts'
import { EvidenceCards } from './evidence-cards.tsx'
import { ListingIcon } from './listing-icon.tsx'
import { ListingMarkdown } from './listing-markdown.tsx'
import { ListingPictures } from './listing-pictures.tsx'
import { marketQueries } from './market-queries.ts'
import { needsText } from './needs-text.ts'
import { opinionsTexts } from './opinions/english-opinions.ts'
import { OpinionsCard } from './opinions/opinions-card.tsx'

const words = marketTexts.listing
const back = { to: '/market', text: words.back } as const

export type ShownListing = Awaited<ReturnType<typeof hub.market.get>>

/** Renders the page at /market/CATALOGUE/LISTING. */
export function ListingPage() {
  const { tab } = useSearch({ from: '/inside/market/$catalogue/$listing' })
  const navigate = useNavigate({ from: '/market/$catalogue/$listing' })
  const { catalogue, name, query } = useShownListing()
  const { data, error, refetch } = query
  if (!data)
    return (
      <Page title={name} back={back}>
        <WaitingCard error={error} retry={refetch} rows={6} />
      </Page>
    )
  const { listing, entry } = data
  return (
    <Page
      title={listing.title}
      back={back}
      beside={<Standing shown={data} />}
      lead={<span>{listing.summary}</span>}
      actions={<InstallLink catalogue={catalogue} shown={data} />}
    >
      {entry.yanked && <Notice text={words.withdrawn(entry.yanked.reason)} />}
      {entry.deprecated && <Notice text={words.deprecated(entry.deprecated.reason)} />}
      <PageTabs
        label={words.tabsLabel}
        names={words.tabs}
        tabs={LISTING_TABS}
        value={tab ?? 'about'}
        onChange={(next) =>
          void navigate({
            search: (before) => ({ ...before, tab: next === 'about' ? undefined : next }),
            replace: true,
          })
        }
        content={CONTENT}
      />
    </Page>
  )
}

/** The parts of the page find the listing by its address, and share one request. */
function useShownListing() {
  const { catalogue, listing: name } = useParams({ from: '/inside/market/$catalogue/$listing' })
  const { version } = useSearch({ from: '/inside/market/$catalogue/$listing' })
  return { catalogue, name, query: useQuery(marketQueries.listing(catalogue, name, version)) }
}

const AboutTab = () => {
  const { catalogue, query } = useShownListing()
  return query.data && <About catalogue={catalogue} shown={query.data} />
}
const PermissionsTab = () => {
  const { data } = useShownListing().query
  return data && <Permissions shown={data} />
}
const EvidenceTab = () => {
  const { data } = useShownListing().query
  return data && <EvidenceCards shown={data} />
}
const VersionsTab = () => {
  const { data } = useShownListing().query
  return data && <Versions shown={data} />
}

const CONTENT = { about: AboutTab, permissions: PermissionsTab, evidence: EvidenceTab, versions: VersionsTab } as const

function Standing({ shown: { entry } }: { shown: ShownListing }) {
  return (
    <span className="flex flex-wrap items-center gap-2">
      <span className="text-sm text-soft">{entry.version}</span>
      {entry.certificate ? (
        <Badge tone="good" icon={BadgeCheck}>
          {marketTexts.certified(entry.certificate.level)}
        </Badge>
      ) : (
        <Badge tone="warn">{marketTexts.uncertified}</Badge>
      )}
    </span>
  )
}

function InstallLink({ catalogue, shown: { listing, entry } }: { catalogue: string; shown: ShownListing }) {
  if (entry.yanked) return undefined
  return (
    <Link
      to="/market/$catalogue/$listing/install"
      params={{ catalogue, listing: listing.name }}
      search={{ version: listing.version }}
      className="inline-flex h-8.5 items-center rounded-md bg-accent px-3 text-sm font-medium text-on-accent hover:bg-accent-strong"
    >
      {words.install}
    </Link>
  )
}

const Notice = ({ text }: { text: string }) => (
  <p role="status" className="rounded-md border border-line bg-warn/12 px-4 py-2.5 text-sm text-text">
    {text}
  </p>
)

function About({ catalogue, shown: { listing, entry, usage } }: { catalogue: string; shown: ShownListing }) {
  const needs = needsText(listing.needs)
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="flex min-w-0 flex-col gap-4">
        <Card>
          <ListingMarkdown text={listing.description} />
        </Card>
        <ListingPictures catalogue={catalogue} pictures={listing.pictures} />
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <Card title={words.facts} aside={<ListingIcon catalogue={catalogue} icon={listing.icon} />}>
          <Facts
            rows={[
              [words.publisher, listing.publisher],
              [words.licence, listing.licence],
              [words.categories, listing.categories.map((each) => marketTexts.categories[each]).join(', ')],
              [words.contains, entry.kinds.join(', ')],
              [words.needs, needs === '' ? words.noNeeds : needs],
              ...(listing.worksWith === undefined ? [] : [[words.worksWith, listing.worksWith.join(', ')] as const]),
              ...(usage === undefined ? [] : [[words.usage, opinionsTexts.usage(usage)] as const]),
              ...(listing.support === undefined ? [] : [[words.support, listing.support] as const]),
              [
                words.digest,
                <Copyable key="digest" value={entry.digest} shown={shortDigest(entry.digest)} what={words.digest} />,
              ],
            ]}
          />
        </Card>
        <OpinionsCard catalogue={catalogue} listing={listing.name} />
        {listing.changelog !== '' && (
          <Card title={words.changelog}>
            <ListingMarkdown text={listing.changelog} />
          </Card>
        )}
      </div>
    </div>
  )
}

function Permissions({ shown: { listing } }: { shown: ShownListing }) {
  const { permissionColumns: columns } = words
  if (listing.permissions.length === 0) return <Card>{words.noPermissions}</Card>
  return (
    <Card isFlush>
      <PlainTable
        label={words.tabs.permissions}
        headers={[columns.access, columns.target, columns.purpose]}
        rows={listing.permissions.map(({ access, target, purpose }) => ({
          key: `${access} ${target}`,
          cells: [
            words.access[access],
            <code key="target" className="font-mono text-xs wrap-anywhere">
              {target}
            </code>,
            <span key="purpose" className="text-soft">
              {purpose}
            </span>,
          ],
        }))}
      />
    </Card>
  )
}

function Versions({ shown: { versions, installations } }: { shown: ShownListing }) {
  const { versionColumns: columns } = words
  const installed = new Set(installations.map(({ version }) => version))
  return (
    <Card isFlush>
      <PlainTable
        label={words.tabs.versions}
        headers={[columns.version, columns.channel, columns.follows, columns.state]}
        rows={versions.map(({ version, channel, replaces, yanked }) => ({
          key: version,
          cells: [
            version,
            channel,
            replaces ?? '–',
            <span key="state" className="inline-flex items-center gap-2">
              {installed.has(version) && <Badge tone="busy">{words.installed}</Badge>}
              <Badge tone={yanked ? 'bad' : 'good'} isPlain>
                {yanked ? words.taken : words.offered}
              </Badge>
            </span>,
          ],
        }))}
      />
    </Card>
  )
}
