/** Value fields: what shall be written: a number, a truth, a text or a list, as the tag takes it. */
import { Field, INPUT, Select } from '../../../components/fields.tsx'
import { liveSourceTexts } from './english-live-source.ts'
import type { Written, WrittenKind } from './written.ts'

const words = liveSourceTexts.write
const KINDS = ['number', 'boolean', 'text', 'list'] as const

type ValueProps = {
  /** As tag and source tell it; undefined where a person has to say. */
  told: WrittenKind | undefined
  chosen: WrittenKind | undefined
  text: string
  written: Written
  unit: string | undefined
  onChosen: (kind: WrittenKind | undefined) => void
  onText: (text: string) => void
}

export function ValueFields({ told, chosen, text, written, unit, onChosen, onText }: ValueProps) {
  const kind = told ?? chosen
  const label = unit === undefined ? words.value : `${words.value} (${unit})`
  const flaw = text !== '' && !written.ok ? words.flaws[written.why] : undefined
  return (
    <>
      {told === undefined && (
        <Field label={words.kind}>
          {(control) => (
            <Select
              {...control}
              value={chosen ?? ''}
              onChange={({ target }) => onChosen(KINDS.find((each) => each === target.value))}
            >
              <option value="">{words.choose}</option>
              {KINDS.map((each) => (
                <option key={each} value={each}>
                  {words.kinds[each]}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
      {kind === 'boolean' && (
        <Field label={label}>
          {(control) => (
            <Select {...control} value={text} onChange={({ target }) => onText(target.value)}>
              <option value="">{words.choose}</option>
              <option>true</option>
              <option>false</option>
            </Select>
          )}
        </Field>
      )}
      {kind !== undefined && kind !== 'boolean' && (
        <Field label={label} error={flaw} {...(kind === 'list' && { hint: words.listHint })}>
          {(control) => (
            <input
              {...control}
              className={INPUT}
              inputMode={kind === 'number' ? 'decimal' : 'text'}
              autoComplete="off"
              spellCheck={false}
              value={text}
              onChange={({ target }) => onText(target.value)}
            />
          )}
        </Field>
      )}
    </>
  )
}
