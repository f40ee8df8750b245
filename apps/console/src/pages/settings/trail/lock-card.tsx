/** Lock card: after how long without anybody there a session is locked. */
import type { SignInRules } from '@skerry/contract/people/user'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Card } from '../../../components/card.tsx'
import { Field, Select } from '../../../components/fields.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { useMissing } from '../../../hub/permission.ts'
import { peopleTexts } from '../people/english-people.ts'
import { peopleQueries } from '../people/people-queries.ts'
import { SaveRules } from '../save-rules.tsx'

const words = peopleTexts.lock

/** Minutes that people choose; another one, set at a command line, is offered as well. */
const CHOICES = [5, 10, 15, 30, 60, 240]

export function LockCard() {
  const { data } = useQuery(peopleQueries.rules())
  return <Card title={words.title}>{data && <Lock key={data.idleLockSeconds} rules={data} />}</Card>
}

function Lock({ rules }: { rules: SignInRules }) {
  const kept = rules.idleLockSeconds === undefined ? 0 : rules.idleLockSeconds / 60
  const [minutes, setMinutes] = useState(kept)
  const missing = useMissing('user.write')
  const choices = [...new Set([...CHOICES, ...(kept > 0 ? [kept] : [])])].toSorted((a, b) => a - b)
  const { secondFactorFor } = rules
  const wanted = { secondFactorFor, ...(minutes > 0 && { idleLockSeconds: minutes * 60 }) }
  return (
    <div className="flex flex-col gap-3 text-sm">
      <p className="text-soft">{words.lead}</p>
      <Field label={words.label}>
        {(control) => (
          <Select
            {...control}
            className="max-w-60"
            disabled={missing !== undefined}
            value={minutes}
            onChange={(event) => setMinutes(Number(event.target.value))}
          >
            <option value={0}>{words.never}</option>
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {words.after(choice)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <SaveRules
        permission="user.write"
        words={{ ...peopleTexts.rules, ...words }}
        isSame={minutes === kept}
        lead={minutes > 0 ? words.atOnce : words.neverLead}
        run={() => hub.user.setRules(wanted)}
      />
    </div>
  )
}
