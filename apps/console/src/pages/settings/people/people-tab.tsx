/** People: who is here and as what, who is invited, and who needs a second factor. */

import type { User } from '@skerry/contract/people/user'
import { userLanguage } from '@skerry/core/language/row-language'
import { useQuery } from '@tanstack/react-query'
import { ShieldCheck, ShieldOff, UserPlus, Users } from 'lucide-react'
import { useMemo, useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Badge } from '../../../components/facts/badge.tsx'
import { Empty } from '../../../components/page-state.tsx'
import type { Column } from '../../../components/rows/data-table.tsx'
import { useMissing } from '../../../hub/permission.ts'
import { queries } from '../../../hub/queries.ts'
import { texts } from '../../../texts/english.ts'
import { timeColumn } from '../credential-columns.tsx'
import { RulesCard } from '../rules-card.tsx'
import { SettingsList } from '../settings-list.tsx'
import { LockCard } from '../trail/lock-card.tsx'
import { peopleTexts } from './english-people.ts'
import { InvitationsCard } from './invitations-card.tsx'
import { InviteDialog } from './invite-dialog.tsx'
import { peopleQueries } from './people-queries.ts'
import { PersonDrawer } from './person-drawer.tsx'
import { useRoleChoices } from './role-choices.ts'

const words = peopleTexts.people

/** The tab. */
export function PeopleTab() {
  const missing = useMissing('user.read')
  if (missing === undefined) return <People />
  return (
    <Card>
      <Empty icon={ShieldOff} title={words.notAllowed} hint={missing} />
    </Card>
  )
}

function People() {
  const users = useQuery(peopleQueries.users())
  const { data: me } = useQuery(queries.me())
  const choices = useRoleChoices()
  const [opened, setOpened] = useState<string>()
  const [isInviting, setInviting] = useState(false)
  const columns = useMemo(
    () => columnsFor({ ownId: me?.id, nameOf: (role) => nameOf(choices, role), onOpen: setOpened }),
    [me?.id, choices],
  )
  const person = users.data?.find(({ id }) => id === opened)
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto">
      <div className="flex max-h-[60vh] shrink-0 flex-col">
        <SettingsList
          label={texts.settings.tabs.people}
          query={users}
          columns={columns}
          rowKey={({ id }) => id}
          language={userLanguage}
          filter={{ label: words.filter, noMatch: words.noMatch }}
          empty={{ icon: Users, title: words.empty, hint: words.emptyHint }}
          defaultSort="name"
          action={
            <GuardedButton permission="user.write" look="primary" onClick={() => setInviting(true)}>
              <UserPlus size={15} aria-hidden />
              {peopleTexts.invitations.create}
            </GuardedButton>
          }
        />
      </div>
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <InvitationsCard />
        <div className="flex min-w-0 flex-col gap-4">
          <RulesCard users={users.data ?? []} />
          <LockCard />
        </div>
      </div>
      {isInviting && <InviteDialog onClose={() => setInviting(false)} />}
      {person && <PersonDrawer user={person} onClose={() => setOpened(undefined)} />}
    </div>
  )
}

const nameOf = (choices: ReturnType<typeof useRoleChoices>, role: string): string =>
  choices.find((choice) => choice.role === role)?.name ?? role

type Context = { ownId: string | undefined; nameOf: (role: string) => string; onOpen: (id: string) => void }

const columnsFor = ({ ownId, nameOf: roleName, onOpen }: Context): readonly Column<User>[] => [
  {
    id: 'name',
    header: words.columns.name,
    width: 'minmax(10rem, 1.5fr)',
    sortValue: ({ name }) => name,
    cell: ({ id, name }) => (
      <span className="inline-flex max-w-full items-center gap-2">
        <button
          type="button"
          aria-label={words.open(name)}
          onClick={() => onOpen(id)}
          className="truncate rounded font-medium text-accent hover:underline"
        >
          {name}
        </button>
        {id === ownId && <span className="text-xs text-soft">{words.you}</span>}
      </span>
    ),
  },
  {
    id: 'email',
    header: words.columns.email,
    width: 'minmax(12rem, 2fr)',
    sortValue: ({ email }) => email,
    cell: ({ email }) => email,
  },
  {
    id: 'role',
    header: words.columns.role,
    width: '8rem',
    sortValue: ({ role }) => role,
    cell: ({ role }) => roleName(role),
  },
  {
    id: 'factor',
    header: words.columns.factor,
    width: '8rem',
    sortValue: ({ hasSecondFactor }) => (hasSecondFactor ? 1 : 0),
    cell: ({ hasSecondFactor }) => <FactorBadge isOn={hasSecondFactor} />,
  },
  timeColumn({
    id: 'signIn',
    header: words.columns.signIn,
    ms: ({ lastSignInAtMs }) => lastSignInAtMs,
    sortValue: ({ lastSignInAtMs }) => -(lastSignInAtMs ?? 0),
  }),
]

const FactorBadge = ({ isOn }: { isOn: boolean }) => (
  <Badge tone={isOn ? 'good' : 'idle'} icon={isOn ? ShieldCheck : ShieldOff} isPlain>
    {isOn ? words.factorOn : words.factorOff}
  </Badge>
)
