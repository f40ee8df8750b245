/**
 * Serving fields: the options for serving and probation. They are folded, because the defaults are right for most
 * deployments.
 */
import { Probation, Serving } from '@skerry/contract/models/serving'
import { ChevronRight } from 'lucide-react'
import { Field, INPUT, Select } from '../../components/fields.tsx'
import type { Problems } from './draft/draft.ts'
import { type Draft, PROBATION_FIELDS, SERVING_FIELDS } from './draft/draft-search.ts'
import { deployTexts } from './english-deploy.ts'

const USUAL = { serving: Serving.parse({}), probation: Probation.parse({}) }

/** Fields with a choice instead of a text. */
const CHOICES: Partial<Record<keyof Serving, readonly (keyof typeof deployTexts.choices)[]>> = {
  spin: ['false', 'true'],
  isolation: Serving.shape.isolation.unwrap().options,
  onCrash: Serving.shape.onCrash.unwrap().options,
}

type Props = { draft: Draft; change: (fields: Partial<Draft>) => void; problems: Problems }

export function ServingFields({ draft, change, problems }: Props) {
  const changed = [...Object.values(draft.serving ?? {}), ...Object.values(draft.probation ?? {})].filter(
    (text) => text !== '',
  )
  const set = (group: 'serving' | 'probation') => (key: string, text: string) =>
    change({ [group]: { ...draft[group], [key]: text } })
  return (
    <details className="card group" open={changed.length > 0 || undefined}>
      <summary className="flex h-11 cursor-pointer list-none items-center gap-2 rounded-md px-4 text-sm font-semibold">
        <ChevronRight size={15} className="transition-transform group-open:rotate-90" aria-hidden />
        {deployTexts.fields.advanced}
        {changed.length > 0 && (
          <span className="text-xs font-normal text-soft">{deployTexts.fields.advancedChanged(changed.length)}</span>
        )}
      </summary>
      <div className="grid gap-x-6 gap-y-4 border-t border-line p-4 sm:grid-cols-2 xl:grid-cols-4">
        {SERVING_FIELDS.map((key) => (
          <PlainField
            key={key}
            label={deployTexts.serving[key][0]}
            hint={deployTexts.serving[key][1]}
            usual={key === 'scaling' ? '' : USUAL.serving[key]}
            choices={CHOICES[key]}
            value={draft.serving?.[key] ?? ''}
            error={problems[`serving.${key}`]}
            onChange={(text) => set('serving')(key, text)}
          />
        ))}
        {PROBATION_FIELDS.map((key) => (
          <PlainField
            key={key}
            label={deployTexts.probation[key][0]}
            hint={deployTexts.probation[key][1]}
            usual={USUAL.probation[key]}
            choices={undefined}
            value={draft.probation?.[key] ?? ''}
            error={problems[`probation.${key}`]}
            onChange={(text) => set('probation')(key, text)}
          />
        ))}
      </div>
    </details>
  )
}

type PlainFieldProps = {
  label: string
  hint: string
  usual: number | boolean | string
  choices: readonly (keyof typeof deployTexts.choices)[] | undefined
  value: string
  error: string | undefined
  onChange: (text: string) => void
}

/** Empty means the default, which is the placeholder. */
function PlainField({ label, hint, usual, choices, value, error, onChange }: PlainFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) =>
        choices ? (
          <Select
            {...control}
            value={value || String(usual)}
            onChange={({ target }) => onChange(target.value === String(usual) ? '' : target.value)}
          >
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {deployTexts.choices[choice]}
              </option>
            ))}
          </Select>
        ) : (
          <input
            {...control}
            className={INPUT}
            inputMode="decimal"
            autoComplete="off"
            placeholder={String(usual)}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        )
      }
    </Field>
  )
}
