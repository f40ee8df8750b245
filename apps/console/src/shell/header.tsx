/** Header: whose fleet it is, whether the hub is heard, the palette, the theme and the account. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { CircleUserRound, KeyRound, LogOut, Menu as MenuIcon, Monitor, Moon, Search, Sun } from 'lucide-react'
import { Button, IconButton } from '../components/button.tsx'
import { cn } from '../components/class-names.ts'
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '../components/dialogs/menu.tsx'
import { Tooltip } from '../components/dialogs/tooltip.tsx'
import { useConnectionState } from '../hub/connection-state.ts'
import { queries } from '../hub/queries.ts'
import { texts } from '../texts/english.ts'
import { chooseTheme, THEMES, useTheme } from '../theme/theme.ts'
import { AlertBell } from './alert-bell.tsx'
import { OrganisationMenu } from './organisation-menu.tsx'
import { useSignOut } from './use-sign-out.ts'

/** On top of every page. */
export function Header({ onPalette, onMenu }: { onPalette: () => void; onMenu: () => void }) {
  return (
    <header className="flex h-14 items-center gap-2 border-b border-line bg-surface px-3 lg:px-6">
      <span className="md:hidden">
        <IconButton label={texts.shell.menu} onClick={onMenu}>
          <MenuIcon size={18} aria-hidden />
        </IconButton>
      </span>
      <OrganisationMenu />
      <span aria-hidden className="mx-1 h-4 w-px bg-line max-sm:hidden" />
      <ConnectionMark />
      <span className="flex-1" />
      <Button
        onClick={onPalette}
        className="w-64 justify-start font-normal text-faint max-lg:w-auto"
        aria-keyshortcuts="Control+K"
      >
        <Search size={15} aria-hidden />
        <span className="flex-1 text-left max-lg:sr-only">{texts.shell.search}</span>
        <kbd className="rounded border border-line px-1 font-mono text-2xs leading-4 max-lg:hidden">Ctrl K</kbd>
      </Button>
      <AlertBell />
      <ThemeMenu />
      <AccountMenu />
    </header>
  )
}

const MARKS = {
  live: { tone: 'bg-good', text: texts.shell.connection.live },
  connecting: { tone: 'bg-idle', text: texts.shell.connection.connecting },
  lost: { tone: 'bg-bad', text: texts.shell.connection.lost },
  ended: { tone: 'bg-idle', text: texts.shell.connection.connecting },
  moved: { tone: 'bg-idle', text: texts.shell.connection.connecting },
  barred: { tone: 'bg-idle', text: texts.shell.connection.connecting },
} as const

function ConnectionMark() {
  const state = useConnectionState()
  const { data } = useQuery(queries.about())
  const { tone, text } = MARKS[state]
  return (
    <Tooltip text={state === 'live' ? texts.shell.connection.liveHint : texts.shell.connection.banner}>
      <span role="status" className="flex items-center gap-2 text-xs whitespace-nowrap text-soft max-sm:hidden">
        <span aria-hidden className={cn('size-2 rounded-full', tone)} />
        {text}
        {data && <span className="text-faint">{texts.shell.connection.version(data.version)}</span>}
      </span>
    </Tooltip>
  )
}

const THEME_ICON = { system: Monitor, light: Sun, dark: Moon } as const

function ThemeMenu() {
  const theme = useTheme()
  const Icon = THEME_ICON[theme]
  return (
    <Menu
      label={texts.shell.theme.label}
      trigger={
        <Button look="quiet" aria-label={texts.shell.theme.label} className="w-8.5 px-0">
          <Icon size={17} aria-hidden />
        </Button>
      }
    >
      {THEMES.map((each) => {
        const Each = THEME_ICON[each]
        return (
          <MenuItem key={each} onSelect={() => chooseTheme(each)} isChosen={each === theme}>
            <Each size={15} aria-hidden />
            {texts.shell.theme[each]}
          </MenuItem>
        )
      })}
    </Menu>
  )
}

function AccountMenu() {
  const { data: me } = useQuery(queries.me())
  const navigate = useNavigate()
  const signOut = useSignOut()
  return (
    <Menu
      label={texts.shell.account.label}
      trigger={
        <Button look="quiet" aria-label={`${texts.shell.account.label}: ${me?.name ?? ''}`} className="px-2">
          {me?.kind === 'user' ? <CircleUserRound size={16} aria-hidden /> : <KeyRound size={16} aria-hidden />}
          <span className="max-sm:hidden">{me?.name}</span>
        </Button>
      }
    >
      <MenuLabel>{texts.shell.account.role(me?.roles ?? [])}</MenuLabel>
      <MenuSeparator />
      <MenuItem onSelect={() => void navigate({ to: '/account' })}>
        <CircleUserRound size={15} aria-hidden />
        {texts.shell.account.mine}
      </MenuItem>
      <MenuItem onSelect={() => void signOut()}>
        <LogOut size={15} aria-hidden />
        {texts.shell.account.signOut}
      </MenuItem>
    </Menu>
  )
}
