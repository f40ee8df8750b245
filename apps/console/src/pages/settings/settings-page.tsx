/** Settings: join tokens, API keys, and the hub itself. */
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Tabs } from 'radix-ui'
import { Page } from '../../components/card.tsx'
import { SETTINGS_TABS } from '../../search.ts'
import { texts } from '../../texts/english.ts'
import { AboutTab } from './about-tab.tsx'
import { KeysTab } from './keys-tab.tsx'
import { TokensTab } from './tokens-tab.tsx'

const words = texts.settings

/** The page at /settings; the tab is in the address. */
export function SettingsPage() {
  const { tab = 'tokens' } = useSearch({ from: '/inside/settings' })
  const navigate = useNavigate({ from: '/settings' })
  return (
    <Page title={words.title}>
      <Tabs.Root
        value={tab}
        onValueChange={(next) => void navigate({ search: { tab: SETTINGS_TABS.find((each) => each === next) } })}
      >
        <Tabs.List aria-label={words.title} className="mb-4 flex gap-1 border-b border-line">
          {SETTINGS_TABS.map((each) => (
            <Tabs.Trigger
              key={each}
              value={each}
              className="-mb-px border-b-2 border-transparent px-3 py-2 text-sm font-medium text-soft hover:text-text data-[state=active]:border-accent data-[state=active]:text-text"
            >
              {words.tabs[each]}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Tabs.Content value="tokens">
          <TokensTab />
        </Tabs.Content>
        <Tabs.Content value="keys">
          <KeysTab />
        </Tabs.Content>
        <Tabs.Content value="about">
          <AboutTab />
        </Tabs.Content>
      </Tabs.Root>
    </Page>
  )
}
