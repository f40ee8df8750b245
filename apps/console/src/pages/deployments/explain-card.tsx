/** Explain card: asks of any device why it does, or does not, run the deployment. */
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Field, INPUT } from '../../components/fields.tsx'
import { Failure } from '../../components/page-state.tsx'
import { queries } from '../../hub/queries.ts'
import { deployQueries } from '../deploy/deploy-queries.ts'
import { Explanation } from '../device/items/explanation.tsx'
import { deploymentsTexts as words } from './english-deployments.ts'

/** The card. */
export function ExplainCard({ deployment }: { deployment: string }) {
  const [name, setName] = useState('')
  const [asked, setAsked] = useState<string>()
  const listId = useId()
  const { data: values } = useQuery(deployQueries.values())
  const names = values?.fields.find(({ field }) => field === 'device.name')?.values ?? []
  const isRight = DeviceReference.safeParse(name.trim()).success
  return (
    <Card title={words.explain}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (isRight) setAsked(name.trim())
        }}
      >
        <Field label={words.explainDevice} hint={words.explainHint}>
          {(control) => (
            <span className="flex gap-2">
              <input
                {...control}
                list={listId}
                className={INPUT}
                spellCheck={false}
                autoComplete="off"
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
              <Button type="submit" onClick={() => undefined}>
                {words.explainAsk}
              </Button>
            </span>
          )}
        </Field>
        <datalist id={listId}>
          {names.map(({ value }) => (
            <option key={value} value={value} />
          ))}
        </datalist>
      </form>
      {asked !== undefined && (
        <div className="mt-3">
          <AskedDevice device={asked} deployment={deployment} />
        </div>
      )}
    </Card>
  )
}

/** The explanation is asked by id, so that a device that is called otherwise later is still the same. */
function AskedDevice({ device, deployment }: { device: string; deployment: string }) {
  const { data, error } = useQuery(queries.device(device))
  if (error) return <Failure error={error} />
  return data ? <Explanation device={data} deployment={deployment} /> : null
}
