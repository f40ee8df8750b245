/** Organisation menu: whose fleet it is; and the others, for whoever belongs to several. */
import { useQuery } from '@tanstack/react-query'
import { ChevronsUpDown } from 'lucide-react'
import { Button } from '../components/button.tsx'
import { Menu, MenuItem, MenuLabel } from '../components/dialogs/menu.tsx'
import { queries } from '../hub/queries.ts'
import { texts } from '../texts/english.ts'
import { useOrganisations } from './use-organisations.ts'

const words = texts.shell.organisation

export function OrganisationMenu() {
  const { data: me } = useQuery(queries.me())
  const { others, go } = useOrganisations()
  if (!me || others.length === 0) return <span className="truncate text-sm font-semibold">{me?.organisation}</span>
  return (
    <Menu
      label={words.label}
      align="start"
      trigger={
        <Button
          look="quiet"
          aria-label={`${words.label}: ${me.organisation}`}
          className="-ml-2 min-w-0 px-2 font-semibold"
        >
          <span className="truncate">{me.organisation}</span>
          <ChevronsUpDown size={14} className="shrink-0 text-faint" aria-hidden />
        </Button>
      }
    >
      <MenuLabel>{words.switch}</MenuLabel>
      {others.map(({ organisation, role, isDisabled }) => (
        <MenuItem key={organisation} onSelect={() => void go(organisation)}>
          <span className="max-w-64 truncate">{organisation}</span>
          <span className="ml-auto pl-4 text-xs text-soft">{isDisabled ? words.disabled : role}</span>
        </MenuItem>
      ))}
    </Menu>
  )
}
