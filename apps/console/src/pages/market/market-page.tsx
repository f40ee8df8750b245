/** Marketplace: the listings of all subscribed catalogues, the installations, the catalogues, and entitlements. */
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Page } from '../../components/card.tsx'
import { PageTabs } from '../../components/page-tabs.tsx'
import { MARKET_TABS } from '../../search.ts'
import { CataloguesCard } from './catalogues/catalogues-card.tsx'
import { marketTexts as words } from './english-market.ts'
import { EntitlementsCard } from './entitlements/entitlements-card.tsx'
import { InstalledCard } from './installed-card.tsx'
import { ListingsGrid } from './listings-grid.tsx'
import { SubmissionsCard } from './review/submissions-card.tsx'

/** Renders the page at /market. */
export function MarketPage() {
  const search = useSearch({ from: '/inside/market' })
  const navigate = useNavigate({ from: '/market' })
  return (
    <Page title={words.title}>
      <PageTabs
        label={words.tabsLabel}
        names={words.tabs}
        tabs={MARKET_TABS}
        value={search.tab ?? 'listings'}
        onChange={(tab) => void navigate({ search: { tab: tab === 'listings' ? undefined : tab } })}
        content={CONTENT}
      />
    </Page>
  )
}

const CONTENT = {
  listings: ListingsGrid,
  installed: InstalledCard,
  catalogues: CataloguesCard,
  entitlements: EntitlementsCard,
  review: SubmissionsCard,
} as const
