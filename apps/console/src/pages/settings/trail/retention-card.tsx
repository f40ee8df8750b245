/** Retention card: how long records of the trail are kept at least. */
import { AuditRetention, KEEP_DAYS_MIN } from '@skerry/contract/audit/audit-archive'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Card } from '../../../components/card.tsx'
import { Field, INPUT } from '../../../components/fields.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { SaveRules } from '../save-rules.tsx'
import { receiverTexts } from './english-receivers.ts'
import { trailQueries } from './trail-queries.ts'

const words = receiverTexts.retention
const KEEP_DAYS_MAX = 36_525

export function RetentionCard() {
  const { data, error, refetch } = useQuery(trailQueries.retention())
  return (
    <Card title={words.title}>
      {!data && (error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />)}
      {data && <Retention key={data.keepDays} kept={data.keepDays} />}
    </Card>
  )
}

function Retention({ kept }: { kept: number }) {
  const client = useQueryClient()
  const [days, setDays] = useState(kept)
  const isGood = AuditRetention.safeParse({ keepDays: days }).success
  const save = async () => {
    await hub.audit.setRetention({ keepDays: days })
    await client.invalidateQueries({ queryKey: trailQueries.retention().queryKey })
  }
  return (
    <div className="flex max-w-xl flex-col gap-3">
      <p className="text-sm text-soft">{words.lead}</p>
      <Field
        label={words.days}
        hint={words.daysHint(KEEP_DAYS_MIN)}
        error={isGood ? undefined : words.wrong(KEEP_DAYS_MIN, KEEP_DAYS_MAX)}
      >
        {(control) => (
          <input
            {...control}
            type="number"
            min={KEEP_DAYS_MIN}
            max={KEEP_DAYS_MAX}
            className={INPUT}
            value={Number.isNaN(days) ? '' : days}
            onChange={({ target }) => setDays(target.valueAsNumber)}
          />
        )}
      </Field>
      <SaveRules
        permission="organisation.write"
        words={words}
        isSame={days === kept || !isGood}
        lead={words.saveLead(kept, days)}
        run={save}
      />
    </div>
  )
}
