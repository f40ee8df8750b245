/** Learnt schedule: the hours that the last week asks for, and the button that makes them the schedule. */
import type { ScheduleProposal } from '@skerry/contract/scaling/schedule-proposal'
import { acceptSchedule } from '@skerry/core/scaling/accept-schedule'
import { isScheduleLearnt, learntWindowWords, nothingLearntWords } from '@skerry/core/scaling/schedule-words'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { hub } from '../../hub/hub-client.ts'
import { scalingTexts } from './english-scaling.ts'
import { scalingQueries } from './scaling-queries.ts'

const words = scalingTexts.schedule

export function LearntSchedule({ deployment }: { deployment: string }) {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
  const { data } = useQuery(scalingQueries.schedule(deployment, timeZone))
  const client = useQueryClient()
  const [isAsked, setAsked] = useState(false)
  if (!data) return null
  const rows = rowsOf(data)
  const accept = async () => {
    await acceptSchedule(data, {
      get: () => hub.deployment.get({ deployment: data.deployment }),
      plan: (spec) => hub.deployment.plan(spec),
      apply: (order) => hub.deployment.apply(order),
    })
    await client.invalidateQueries({ queryKey: ['deployments'] })
  }
  return (
    <section aria-label={words.title} className="border-t border-line">
      <div className="flex flex-wrap items-center justify-between gap-2 px-4 py-3">
        <div className="text-sm">
          <h3 className="font-medium">{words.title}</h3>
          <p className="text-soft">{rows.length > 0 ? words.lead : reasonOf(data)}</p>
        </div>
        {isScheduleLearnt(data) && (
          <GuardedButton permission="deployment.write" isSmall onClick={() => setAsked(true)}>
            {words.verb}
          </GuardedButton>
        )}
      </div>
      {rows.length > 0 && (
        <PlainTable
          label={words.title}
          headers={[
            words.columns.unit,
            words.columns.days,
            words.columns.hours,
            words.columns.least,
            words.columns.seen,
          ]}
          rows={rows}
        />
      )}
      {isAsked && (
        <Confirmation
          title={words.ask(deployment)}
          lead={words.askLead}
          verb={words.verb}
          run={accept}
          done={words.done(deployment)}
          onClose={() => setAsked(false)}
        />
      )}
    </section>
  )
}

function rowsOf({ workers, replicas }: ScheduleProposal) {
  const parts = [
    { unit: 'replica' as const, windows: replicas?.windows ?? [] },
    { unit: 'worker' as const, windows: workers?.windows ?? [] },
  ]
  return parts.flatMap(({ unit, windows }) =>
    windows.map((window) => {
      const { days, hours, least, seen } = learntWindowWords(window, unit)
      return { key: `${unit} ${window.window.cron}`, cells: [words.units[unit], days, hours, least, seen] }
    }),
  )
}

/** The part that comes first in the card has the reason. */
function reasonOf({ workers, replicas }: ScheduleProposal): string {
  const nothing = replicas?.nothing ?? workers?.nothing
  return nothing === undefined ? '' : nothingLearntWords[nothing]
}
