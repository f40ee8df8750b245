/** Placed settings: the values of an app that differ at a site or on a device, each place with a form of its own. */
import { type ConfigSchema, PlacedConfig } from '@skerry/contract/apps/config-schema'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Field } from '../../components/fields.tsx'
import { TextInput } from '../../components/text-input.tsx'
import type { PlacedDraft } from '../deploy/draft/draft-search.ts'
import { appTexts } from './english-apps.ts'
import { SettingsFields } from './settings-fields.tsx'

const words = appTexts.places

type PlacedProps = {
  schema: ConfigSchema
  placed: readonly PlacedDraft[]
  onChange: (placed: PlacedDraft[] | undefined) => void
}

/** A place has only the values that differ. Nothing is needed there, because the deployment has the others. */
export function PlacedSettings({ schema, placed, onChange }: PlacedProps) {
  const { required: _, ...optional } = schema
  const replace = (place: string, next: PlacedDraft[]) => {
    const all = [...placed.filter((one) => one.place !== place), ...next]
    onChange(all.length === 0 ? undefined : all)
  }
  return (
    <>
      {placed.map(({ place, config }) => (
        <SettingsFields
          key={place}
          title={words.at(place)}
          schema={optional}
          config={config}
          onChange={(next) => replace(place, next ? [{ place, config: next }] : [])}
        />
      ))}
      <AddPlace
        known={placed.map(({ place }) => place)}
        onAdd={(place) => onChange([...placed, { place, config: {} }])}
      />
    </>
  )
}

function AddPlace({ known, onAdd }: { known: readonly string[]; onAdd: (place: string) => void }) {
  const [place, setPlace] = useState('')
  const isRight = PlacedConfig.shape.place.safeParse(place).success && !known.includes(place)
  const add = () => {
    onAdd(place)
    setPlace('')
  }
  return (
    <Card title={words.title}>
      <div className="flex max-w-3xl items-end gap-3">
        <Field label={words.place} hint={words.hint} error={place === '' || isRight ? undefined : words.wrong}>
          {(control) => <TextInput control={control} value={place} onChange={setPlace} />}
        </Field>
        <Button onClick={add} blocked={isRight ? undefined : words.wrong}>
          {words.add}
        </Button>
      </div>
    </Card>
  )
}
