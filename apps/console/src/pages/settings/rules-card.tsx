/** Rules card: the roles that need a second factor, and the people that each rule affects. */
import type { RoleName } from '@skerry/contract/people/role'
import type { SignInRules, User } from '@skerry/contract/people/user'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Card } from '../../components/card.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { hub } from '../../hub/hub-client.ts'
import { useMissing } from '../../hub/permission.ts'
import { peopleTexts } from './people/english-people.ts'
import { peopleQueries } from './people/people-queries.ts'
import { useRoleChoices } from './people/role-choices.ts'
import { SaveRules } from './save-rules.tsx'

const words = peopleTexts.rules

export function RulesCard({ users }: { users: readonly User[] }) {
  const { data, error, refetch } = useQuery(peopleQueries.rules())
  return (
    <Card title={words.title}>
      {!data && (error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />)}
      {data && <Rules key={data.secondFactorFor.join()} rules={data} users={users} />}
    </Card>
  )
}

function Rules({ rules, users }: { rules: SignInRules; users: readonly User[] }) {
  const kept = rules.secondFactorFor
  const choices = useRoleChoices()
  const missing = useMissing('user.write')
  const [roles, setRoles] = useState<readonly RoleName[]>(kept)
  const isSame = roles.length === kept.length && roles.every((role) => kept.includes(role))
  const lacking = users.filter(({ role, hasSecondFactor }) => roles.includes(role) && !hasSecondFactor)
  const concerned = words.lacking(lacking.map(({ email }) => email))
  return (
    <div className="flex flex-col gap-3 text-sm">
      <p className="text-soft">{words.lead}</p>
      <fieldset disabled={missing !== undefined} className="grid grid-cols-2 gap-x-4 gap-y-2">
        <legend className="sr-only">{words.title}</legend>
        {choices.map(({ role, name }) => (
          <label key={role} className="flex items-center gap-2">
            <input
              type="checkbox"
              checked={roles.includes(role)}
              onChange={(event) =>
                setRoles(event.target.checked ? [...roles, role] : roles.filter((each) => each !== role))
              }
            />
            {name}
          </label>
        ))}
      </fieldset>
      {roles.length > 0 && <p className={lacking.length > 0 ? 'text-warn wrap-anywhere' : 'text-soft'}>{concerned}</p>}
      <SaveRules
        permission="user.write"
        words={words}
        isSame={isSame}
        lead={roles.length === 0 ? words.nobody : concerned}
        run={() => hub.user.setRules({ ...rules, secondFactorFor: [...roles] })}
      />
    </div>
  )
}
