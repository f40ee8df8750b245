/** Command palette: goes to any page or thing of the fleet, and runs actions that are the same on every page. */
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import {
  Building2,
  Cable,
  CircleUserRound,
  Keyboard,
  Layers,
  Palette as PaletteIcon,
  Rocket,
  Search,
  Send,
  Settings,
  Upload,
} from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { useState } from 'react'
import { Backdrop } from '../../components/dialogs/dialog.tsx'
import { texts } from '../../texts/english.ts'
import { chooseTheme, THEMES } from '../../theme/theme.ts'
import { useOrganisations } from '../use-organisations.ts'
import { usePlaces } from '../use-places.ts'
import { paletteTexts as words } from './english-palette.ts'
import { type Go, PaletteGroup, PaletteItem } from './palette-parts.tsx'
import { paletteRank } from './palette-rank.ts'
import { FoundThings } from './palette-things.tsx'

/** Actions that have a page of their own. */
const ACTIONS = [
  { to: '/deploy', text: words.deploy, icon: Rocket },
  { to: '/models/upload', text: words.upload, icon: Upload },
  { to: '/batches/new', text: words.newBatch, icon: Layers },
  { to: '/sources/new', text: words.newSource, icon: Cable },
  { to: '/sinks/new', text: words.newSink, icon: Send },
  { to: '/flows/upload', text: words.uploadFlow, icon: Upload },
] as const

/** Shown while it is in the page. */
export function Palette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const [text, setText] = useState('')
  const navigate = useNavigate()
  const go = (action: () => unknown) => () => {
    onClose()
    action()
  }
  return (
    <Radix.Root open onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Backdrop />
        <Radix.Content
          aria-describedby={undefined}
          className="fixed top-[14vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-xl border border-line bg-surface shadow-float"
        >
          <Radix.Title className="sr-only">{words.label}</Radix.Title>
          <Command label={words.label} loop filter={paletteRank}>
            <div className="flex items-center gap-2.5 border-b border-line px-4">
              <Search size={16} className="text-faint" aria-hidden />
              <Command.Input
                value={text}
                onValueChange={setText}
                placeholder={words.placeholder}
                className="h-12 flex-1 bg-transparent text-sm outline-none"
              />
            </div>
            <Command.List aria-label={words.label} className="max-h-[50vh] overflow-y-auto p-1.5">
              <Command.Empty className="p-6 text-center text-sm text-soft">{words.empty}</Command.Empty>
              <PaletteGroup heading={words.pages}>
                <Pages go={go} />
                <PaletteItem
                  value="page my account"
                  icon={CircleUserRound}
                  onSelect={go(() => navigate({ to: '/account' }))}
                >
                  {texts.shell.account.mine}
                </PaletteItem>
                <SettingsTabs go={go} />
              </PaletteGroup>
              <OtherOrganisations go={go} />
              <FoundThings text={text} go={go} />
              <PaletteGroup heading={words.commands}>
                {ACTIONS.map(({ to, text: action, icon }) => (
                  <PaletteItem key={to} value={`action ${action}`} icon={icon} onSelect={go(() => navigate({ to }))}>
                    {action}
                  </PaletteItem>
                ))}
                {THEMES.map((theme) => (
                  <PaletteItem
                    key={theme}
                    value={`theme ${theme}`}
                    icon={PaletteIcon}
                    onSelect={go(() => chooseTheme(theme))}
                  >
                    {words.theme(texts.shell.theme[theme])}
                  </PaletteItem>
                ))}
                <PaletteItem value="keys" icon={Keyboard} onSelect={go(onHelp)}>
                  {words.keys}
                </PaletteItem>
              </PaletteGroup>
            </Command.List>
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** For people, each tab of the settings is a page. */
function Pages({ go }: { go: Go }) {
  const navigate = useNavigate()
  return usePlaces().pages.map(({ to, text, icon }) => (
    <PaletteItem key={to} value={`page ${text}`} icon={icon} onSelect={go(() => navigate({ to }))}>
      {text}
    </PaletteItem>
  ))
}

function SettingsTabs({ go }: { go: Go }) {
  const navigate = useNavigate()
  const { title, tabs } = texts.settings
  return usePlaces().settingsTabs.map((tab) => (
    <PaletteItem
      key={tab}
      value={`page ${title} ${tabs[tab]}`}
      icon={Settings}
      onSelect={go(() => navigate({ to: '/settings', search: { tab } }))}
    >
      {words.settings(tabs[tab])}
    </PaletteItem>
  ))
}

/** For people who belong to several organisations. */
function OtherOrganisations({ go }: { go: Go }) {
  const { others, go: goTo } = useOrganisations()
  if (others.length === 0) return null
  return (
    <PaletteGroup heading={texts.shell.organisation.label}>
      {others.map(({ organisation }) => (
        <PaletteItem
          key={organisation}
          value={`go to organisation ${organisation}`}
          icon={Building2}
          onSelect={go(() => goTo(organisation))}
        >
          {texts.shell.organisation.goTo(organisation)}
        </PaletteItem>
      ))}
    </PaletteGroup>
  )
}
