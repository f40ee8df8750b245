/** Person drawer: somebody of the organisation: the role, where they are signed in, and what can be done about either. */
import type { User } from '@skerry/contract/people/user'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Facts } from '../../../components/card.tsx'
import { Confirmation } from '../../../components/dialogs/confirmation.tsx'
import { Drawer } from '../../../components/dialogs/drawer.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { Field } from '../../../components/fields.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { queries } from '../../../hub/queries.ts'
import { peopleTexts } from './english-people.ts'
import { peopleQueries } from './people-queries.ts'
import { PersonSessions } from './person-sessions.tsx'
import { useRoleChoices } from './role-choices.ts'
import { RoleSelect } from './role-select.tsx'

const words = peopleTexts.person

type PersonProps = { user: User }

/** Shown while it is in the page. */
export function PersonDrawer({ user, onClose }: PersonProps & { onClose: () => void }) {
  const { data: me } = useQuery(queries.me())
  const { people } = peopleTexts
  const roleName = useRoleChoices().find(({ role }) => role === user.role)?.name ?? user.role
  return (
    <Drawer title={user.name} onClose={onClose}>
      <div className="flex flex-col gap-6">
        <Facts
          rows={[
            [words.email, user.email],
            [words.role, roleName],
            [words.factor, user.hasSecondFactor ? people.factorOn : people.factorOff],
            [words.joined, <Instant key="joined" ms={user.createdAtMs} isAbsolute />],
            [words.signIn, <Instant key="signIn" ms={user.lastSignInAtMs} />],
          ]}
        />
        {me?.id === user.id && <p className="text-sm text-warn">{words.you}</p>}
        <RoleChange key={user.role} user={user} />
        <PersonSessions user={user} />
        <RemovePerson user={user} organisation={me?.organisation ?? ''} />
      </div>
    </Drawer>
  )
}

function RoleChange({ user }: PersonProps) {
  const choices = useRoleChoices()
  const [role, setRole] = useState(user.role)
  const [isAsking, setAsking] = useState(false)
  const nameOf = (wanted: string) => choices.find((choice) => choice.role === wanted)?.name ?? wanted
  const beyond = choices.find((choice) => choice.role === user.role)?.blocked
  return (
    <div className="flex flex-wrap items-end gap-2">
      <div className="min-w-48 flex-1">
        <Field label={words.newRole}>
          {(control) => <RoleSelect control={control} value={role} onChange={setRole} />}
        </Field>
      </div>
      <GuardedButton
        permission="user.write"
        blocked={beyond ?? (role === user.role ? words.same : undefined)}
        onClick={() => setAsking(true)}
      >
        {words.setRole}
      </GuardedButton>
      {isAsking && (
        <Confirmation
          title={words.setRoleTitle(user.name, nameOf(user.role), nameOf(role))}
          lead={words.setRoleLead}
          verb={words.setRole}
          run={() => hub.user.setRole({ user: user.id, role })}
          done={words.roleSet(user.name, nameOf(role))}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  )
}

function RemovePerson({ user, organisation }: PersonProps & { organisation: string }) {
  const beyond = useRoleChoices().find(({ role }) => role === user.role)?.blocked
  const { data: sessions } = useQuery(peopleQueries.sessionsOf(user.id))
  const [isAsking, setAsking] = useState(false)
  return (
    <div className="border-t border-line pt-5">
      <GuardedButton permission="user.write" blocked={beyond} look="danger" onClick={() => setAsking(true)}>
        {words.remove}
      </GuardedButton>
      {isAsking && (
        <Confirmation
          title={words.removeTitle(user.name, organisation)}
          lead={words.removeLead(sessions?.length ?? 0)}
          verb={words.remove}
          isDanger
          typedName={user.email}
          run={() => hub.user.remove({ user: user.id })}
          done={words.removed(user.name)}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  )
}
