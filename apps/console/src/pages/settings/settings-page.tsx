/** Settings: join tokens, API keys, certificates, and the hub itself. */
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Page } from '../../components/card.tsx'
import { PageTabs } from '../../components/page-tabs.tsx'
import type { SettingsTab } from '../../search.ts'
import { usePlaces } from '../../shell/use-places.ts'
import { texts } from '../../texts/english.ts'
import { AboutTab } from './about-tab.tsx'
import { AgentsTab } from './agents/agents-tab.tsx'
import { CertificatesTab } from './certificates/certificates-tab.tsx'
import { HealthTab } from './health-tab.tsx'
import { JoiningTab } from './joining/joining-tab.tsx'
import { TokensTab } from './joining/tokens-tab.tsx'
import { KeysTab } from './keys-tab.tsx'
import { OrganisationsTab } from './organisations/organisations-tab.tsx'
import { PeopleTab } from './people/people-tab.tsx'
import { RolesTab } from './people/roles-tab.tsx'
import { SecretsTab } from './secrets/secrets-tab.tsx'
import { TrailTab } from './trail/trail-tab.tsx'

const words = texts.settings

const CONTENT: Readonly<Record<SettingsTab, () => ReactNode>> = {
  organisations: OrganisationsTab,
  tokens: TokensTab,
  joining: JoiningTab,
  keys: KeysTab,
  people: PeopleTab,
  roles: RolesTab,
  agents: AgentsTab,
  secrets: SecretsTab,
  certificates: CertificatesTab,
  trail: TrailTab,
  health: HealthTab,
  about: AboutTab,
}

/** The page at /settings. The tab is in the address. */
export function SettingsPage() {
  const { settingsTabs: tabs } = usePlaces()
  const { tab = tabs[0] ?? 'about' } = useSearch({ from: '/inside/settings' })
  const navigate = useNavigate({ from: '/settings' })
  return (
    <Page isFull title={words.title}>
      <PageTabs
        label={words.title}
        names={words.tabs}
        tabs={tabs}
        value={tab}
        onChange={(next) => void navigate({ search: { tab: next } })}
        content={CONTENT}
      />
    </Page>
  )
}
