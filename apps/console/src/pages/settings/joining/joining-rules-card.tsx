/** Joining rules card: whether a person lets in each device, and how long an ended certificate can still be renewed. */
import type { JoiningRules } from '@skerry/contract/joining/join'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Card } from '../../../components/card.tsx'
import { Field, INPUT, Select } from '../../../components/fields.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { SaveRules } from '../save-rules.tsx'
import { joiningTexts } from './english-joining.ts'
import { joinQueries } from './join-queries.ts'

const words = joiningTexts.rules

/** The card. */
export function JoiningRulesCard() {
  const { data, error, refetch } = useQuery(joinQueries.rules())
  return (
    <Card title={words.title}>
      {!data && (error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />)}
      {data && <Rules key={`${data.approval} ${data.lapsedDaysMax}`} kept={data} />}
    </Card>
  )
}

function Rules({ kept }: { kept: JoiningRules }) {
  const client = useQueryClient()
  const [rules, setRules] = useState(kept)
  const isSame = rules.approval === kept.approval && rules.lapsedDaysMax === kept.lapsedDaysMax
  const save = async () => {
    await hub.device.setJoiningRules(rules)
    await client.invalidateQueries({ queryKey: joinQueries.rules().queryKey })
  }
  return (
    <div className="flex max-w-xl flex-col gap-3">
      <Fields rules={rules} onChange={setRules} />
      <SaveRules permission="organisation.write" words={words} isSame={isSame} lead={words.saveLead} run={save} />
    </div>
  )
}

const Fields = ({ rules, onChange }: { rules: JoiningRules; onChange: (rules: JoiningRules) => void }) => (
  <>
    <Field label={words.approval}>
      {(control) => (
        <Select
          {...control}
          value={rules.approval}
          onChange={(event) =>
            onChange({ ...rules, approval: event.target.value === 'always' ? 'always' : 'by-token' })
          }
        >
          {Object.entries(words.approvals).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </Select>
      )}
    </Field>
    <Field label={words.lapsed} hint={words.lapsedHint}>
      {(control) => (
        <input
          {...control}
          type="number"
          min={0}
          max={3_650}
          className={INPUT}
          value={rules.lapsedDaysMax}
          onChange={(event) =>
            onChange({ ...rules, lapsedDaysMax: Math.min(3_650, Math.max(0, event.target.valueAsNumber || 0)) })
          }
        />
      )}
    </Field>
  </>
)
