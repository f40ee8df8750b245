/** Field input: the control of one field of a source or a sink, by the kind of its value. */
import { useState } from 'react'
import { Field, type FieldControl, INPUT, Select } from '../../../components/fields.tsx'
import { formTexts as words } from './english-form.ts'
import type { FormField } from './form-shape.ts'
import { partOf, shownValue, typedValue, variantPart, variantValue } from './form-text.ts'

type ValueProps = { field: FormField; value: unknown; onValue: (value: unknown) => void }

/** The control with its label, its help and its limits. */
export function FieldInput({ field, value, onValue }: ValueProps) {
  const hint = [words.help(field), kindHelp(field)].filter((text) => text !== '').join(' ')
  return (
    <Field label={words.labelOf(field.name)} {...(hint !== '' && { hint })}>
      {(control) => <ValueControl control={control} {...{ field, value, onValue }} />}
    </Field>
  )
}

function kindHelp({ kind }: FormField): string {
  if (kind === 'secret') return words.secretHelp
  return kind === 'structure' ? words.structureHelp : ''
}

type ControlProps = ValueProps & { control: Partial<FieldControl> & { 'aria-label'?: string } }

export function ValueControl({ control, field, value, onValue }: ControlProps) {
  const { kind, choices = [] } = field
  const shown = kind === 'secret' ? secretOf(value) : shownValue(value)
  // While a person types, the field shows the typed characters: "1." is not yet 1.
  const [typing, setTyping] = useState<string>()
  const type = (text: string) => {
    setTyping(text)
    onValue(typedValue(kind, text))
  }
  if (kind === 'variant') return <VariantControl {...{ control, field, value, onValue }} />
  if (kind === 'choice' || kind === 'switch') {
    const options = kind === 'switch' ? ['true', 'false'] : choices.map(String)
    return (
      <Select {...control} value={shown} onChange={({ target }) => onValue(typedValue(kind, target.value))}>
        <option value="">{words.fallback(field)}</option>
        {options.map((option) => (
          <option key={option} value={option}>
            {kind === 'switch' ? words.switchText(option) : option}
          </option>
        ))}
      </Select>
    )
  }
  const isNumber = kind === 'integer' || kind === 'number'
  return (
    <input
      {...control}
      className={kind === 'structure' ? `${INPUT} font-mono text-xs` : INPUT}
      inputMode={isNumber ? 'decimal' : 'text'}
      value={typing ?? shown}
      placeholder={field.fallback === undefined ? '' : String(field.fallback)}
      required={field.isRequired ?? false}
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
      onChange={({ target }) => type(target.value)}
      onBlur={() => setTyping(undefined)}
    />
  )
}

/** The kind of the value, and a field for each of its parts. */
function VariantControl({ control, field: { variants = [] }, value, onValue }: ControlProps) {
  const chosen = variants.find(({ kind }) => kind === partOf(value, 'kind'))
  const choose = (kind: string) => {
    const variant = variants.find((each) => each.kind === kind)
    onValue(variant && variantValue(variant, value))
  }
  return (
    <span className="flex flex-wrap items-end gap-2">
      <Select {...control} value={chosen?.kind ?? ''} onChange={({ target }) => choose(target.value)}>
        <option value="">{words.chooseKind}</option>
        {variants.map(({ kind }) => (
          <option key={kind}>{kind}</option>
        ))}
      </Select>
      {chosen?.fields.map((part) => (
        <span key={`${chosen.kind} ${part.name}`} className="flex w-24 flex-col">
          <span aria-hidden className="text-xs text-soft">
            {words.labelOf(part.name)}
          </span>
          <ValueControl
            control={{ 'aria-label': words.part(words.labelOf(part.name), control['aria-label']) }}
            field={part}
            value={partOf(value, part.name)}
            onValue={(typed) => onValue(variantPart(value, part.name, typed))}
          />
        </span>
      ))}
    </span>
  )
}

const secretOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'secret' in value ? String(value.secret) : shownValue(value)
