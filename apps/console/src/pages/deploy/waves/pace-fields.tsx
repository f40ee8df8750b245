/** Pace fields: the rate of the rollout, the limit of unproved devices, and the number of tries on a failed device. */
import { Card } from '../../../components/card.tsx'
import { Field, type FieldControl, INPUT } from '../../../components/fields.tsx'
import { PACE_FIELDS } from '../draft/draft-search.ts'
import { deployTexts } from '../english-deploy.ts'
import type { StepProps } from '../step-props.ts'
import type { Units } from './number-unit.ts'
import { UnitInput } from './unit-input.tsx'

const words = deployTexts.pace

type PaceField = (typeof PACE_FIELDS)[number]

/** Most people set these, if any. The others are folded. */
const USUAL: ReadonlySet<PaceField> = new Set(['rate', 'budget', 'retry'])

const UNITS: Readonly<Partial<Record<PaceField, { units: Units; label: string }>>> = {
  rate: { units: [{ unit: '', name: words.units.rate }], label: '' },
  budget: { units: deployTexts.units.shares, label: deployTexts.unitOf.budget },
  retry: { units: [{ unit: '', name: words.units.retry }], label: '' },
}

const GRID = 'grid gap-x-6 gap-y-4 lg:grid-cols-3'

/** The fields. An empty field sets no limit. */
export function PaceFields({ draft, change, read: { problems } }: StepProps) {
  const folded = PACE_FIELDS.filter((key) => !USUAL.has(key))
  // A folded field must not hide a value or an error.
  const isOpen = folded.some((key) => draft[key] || problems[key])
  const fieldOf = (key: PaceField) => (
    <Field key={key} label={words.fields[key][0]} hint={words.fields[key][1]} error={problems[key]}>
      {(control) => (
        <PaceInput {...{ control, name: key, value: draft[key] ?? '' }} onChange={(text) => change({ [key]: text })} />
      )}
    </Field>
  )
  return (
    <Card title={words.title}>
      <div className={GRID}>{PACE_FIELDS.filter((key) => USUAL.has(key)).map(fieldOf)}</div>
      <details className="mt-4" open={isOpen || undefined}>
        <summary className="cursor-pointer rounded text-sm font-medium text-accent">{words.more}</summary>
        <div className={`${GRID} mt-4`}>{folded.map(fieldOf)}</div>
      </details>
    </Card>
  )
}

type PaceInputProps = {
  control: FieldControl
  name: PaceField
  value: string
  onChange: (text: string | undefined) => void
}

function PaceInput({ control, name, value, onChange }: PaceInputProps) {
  const unit = UNITS[name]
  if (unit) return <UnitInput {...{ control, ...unit, value, onChange }} />
  return (
    <input
      {...control}
      className={INPUT}
      placeholder={words.usual[name]}
      spellCheck={false}
      autoComplete="off"
      value={value}
      onChange={({ target }) => onChange(target.value || undefined)}
    />
  )
}
