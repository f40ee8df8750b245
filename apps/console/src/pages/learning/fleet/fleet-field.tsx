/** Fleet field: one machine, each of a fleet or a fleet together, and the selector with the number of devices that it selects now. */

import { problemOf } from '@skerry/client/problem'
import { FLEET_DEVICES_MAX } from '@skerry/contract/learning/learning-fleet'
import { useQuery } from '@tanstack/react-query'
import { Choice } from '../../../components/choice.tsx'
import { Field, INPUT } from '../../../components/fields.tsx'
import { useSettled } from '../../deploy/draft/use-settled.ts'
import { learningTexts } from '../english-learning.ts'
import type { LearnForm } from '../learn-form.ts'
import { learningQueries } from '../learning-queries.ts'

const words = learningTexts.wizard

type OfProps = { value: LearnForm['of']; onChange: (of: LearnForm['of']) => void }

export const OfField = ({ value, onChange }: OfProps) => (
  <Choice
    label={words.of}
    value={value}
    options={Object.entries(words.ofs)}
    onChange={(of) => onChange(of === 'fleet' || of === 'together' ? of : 'machine')}
  />
)

type FleetFieldProps = { of: LearnForm['of']; value: string; onChange: (selector: string) => void }

export function FleetField({ of, value, onChange }: FleetFieldProps) {
  // While a person types, most texts are no selector.
  const settled = useSettled(value.trim())
  const { data, error } = useQuery(learningQueries.selected(settled))
  const count = data?.picked.count
  const tooMany = count !== undefined && count > FLEET_DEVICES_MAX ? words.tooMany(count, FLEET_DEVICES_MAX) : undefined
  const [first, selected] =
    of === 'together' ? [words.togetherHint, words.togetherSelected] : [words.selectorHint, words.selected]
  const hint = count === undefined ? first : selected(count)
  return (
    <Field label={words.selector} hint={hint} error={value === '' ? undefined : (tooMany ?? messageOf(error))}>
      {(control) => (
        <input
          {...control}
          className={`${INPUT} font-mono text-xs`}
          autoComplete="off"
          spellCheck={false}
          placeholder='device.labels["line"] == "a"'
          value={value}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  )
}

const messageOf = (error: Error | null) => (error ? problemOf(error).message : undefined)
