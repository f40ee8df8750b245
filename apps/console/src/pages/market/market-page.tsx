/** Marketplace: the listings of all subscribed catalogues, the installations, and the catalogues themselves. */
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Page } from '../../components/card.tsx'
import { PageTabs } from '../../components/page-tabs.tsx'
import { MARKET_TABS, type MarketSearch } from '../../search.ts'
import { CataloguesCard } from './catalogues-card.tsx'
import { marketTexts as words } from './english-market.ts'
import { InstalledCard } from './installed-card.tsx'
import { ListingsGrid } from './listings-grid.tsx'

/** Renders the page at /market. */
export function MarketPage() {
  const search = useSearch({ from: '/inside/market' })
  const navigate = useNavigate({ from: '/market' })
  const onSearch = (change: MarketSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  return (
    <Page title={words.title}>
      <PageTabs
        label={words.tabsLabel}
        names={words.tabs}
        tabs={MARKET_TABS}
        value={search.tab ?? 'listings'}
        onChange={(tab) => onSearch({ tab: tab === 'listings' ? undefined : tab })}
        content={{
          listings: () => <ListingsGrid search={search} onSearch={onSearch} />,
          installed: () => <InstalledCard />,
          catalogues: () => <CataloguesCard />,
        }}
      />
    </Page>
  )
}
