/** Form for a change of the world: it shows which devices would gain or lose a replica, and changes nothing. */
import type { PlacedDevice, WhatIf } from '@skerry/contract/places/placement'
import { parseChange } from '@skerry/core/places/change-text'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Field, INPUT } from '../../components/fields.tsx'
import { Failure } from '../../components/page-state.tsx'
import { placesTexts as words } from './english-places.ts'
import { placeQueries } from './place-queries.ts'

/** The shapes of the map come only with an answer. */
const PlacementMap = lazy(async () => ({ default: (await import('./placement-map.tsx')).PlacementMap }))

type WhatIfFormProps = { deployment: string; devices: readonly PlacedDevice[] }

export function WhatIfForm({ deployment, devices }: WhatIfFormProps) {
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string>()
  const [asked, setAsked] = useState<WhatIf>()
  const ask = () => {
    const read = parseChange(text)
    setProblem(read.ok ? undefined : read.message)
    setAsked(read.ok ? read.change : undefined)
  }
  return (
    <form
      className="flex flex-col gap-3 border-t border-line px-4 py-3"
      onSubmit={(event) => {
        event.preventDefault()
        ask()
      }}
    >
      <Field label={words.whatIf} hint={words.whatIfHint} {...(problem !== undefined && { error: problem })}>
        {(control) => (
          <span className="flex gap-2">
            <input
              {...control}
              className={INPUT}
              spellCheck={false}
              autoComplete="off"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
            <Button type="submit" onClick={() => undefined}>
              {words.ask}
            </Button>
          </span>
        )}
      </Field>
      {asked && <Answer deployment={deployment} devices={devices} change={asked} />}
    </form>
  )
}

function Answer({ deployment, devices, change }: WhatIfFormProps & { change: WhatIf }) {
  const { data, error } = useQuery(placeQueries.whatIf(deployment, change))
  if (error) return <Failure error={error} />
  if (!data) return null
  const { gained, lost, unmetThen, costNow, costThen } = data
  return (
    <div role="status" className="flex flex-col gap-1 text-sm">
      {gained.length + lost.length === 0 && <p>{words.nothing}</p>}
      {gained.length + lost.length > 0 && (
        <Suspense fallback={null}>
          <PlacementMap devices={devices} change={data} />
        </Suspense>
      )}
      <Devices title={words.gained} devices={gained} />
      <Devices title={words.lost} devices={lost} />
      {costNow && costThen && costNow.perHour !== costThen.perHour && (
        <p>{words.costs(costNow.perHour, costThen.perHour)}</p>
      )}
      {unmetThen > 0 && <p className="text-warn">{words.unmetThen(unmetThen)}</p>}
    </div>
  )
}

const Devices = ({ title, devices }: { title: string; devices: readonly PlacedDevice[] }) => (
  <>
    {devices.map(({ id, device, site, reason }) => (
      <p key={id}>
        <span className="font-medium">{title}:</span> {device}{' '}
        <span className="text-soft">
          ({site}; {reason})
        </span>
      </p>
    ))}
  </>
)
