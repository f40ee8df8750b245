/** Role holders: how many people, keys and invitations have a role, each with the way to them. */
import type { RoleView } from '@skerry/contract/people/role'
import { Link } from '@tanstack/react-router'
import { rolesTexts as words } from './english-roles.ts'

const LINK = 'rounded hover:text-accent hover:underline'

export function RoleHolders({ role: { name, people, keys, invitations } }: { role: RoleView }) {
  if (people + keys + invitations === 0)
    return <span className="block text-xs font-normal text-faint">{words.nobody}</span>
  return (
    <span className="flex flex-col items-start text-xs text-soft">
      {people > 0 && (
        <Link to="/settings" search={{ tab: 'people', q: `user.role == "${name}"` }} className={LINK}>
          {words.people(people)}
        </Link>
      )}
      {keys > 0 && (
        <Link to="/settings" search={{ tab: 'keys', q: `key.role == "${name}"` }} className={LINK}>
          {words.keys(keys)}
        </Link>
      )}
      {invitations > 0 && <span>{words.invitations(invitations)}</span>}
    </span>
  )
}
