/** Condition row: one condition: a field, a comparison and what it is compared with, with what the fleet really has as suggestions. */
import type { FieldValues } from '@skerry/contract/deployments/selector-preview'
import {
  arityOf,
  type Condition,
  FIELDS,
  type Field,
  isComplete,
  OPERATORS,
  type Operator,
} from '@skerry/core/selectors/selector-rows'
import { X } from 'lucide-react'
import { useId } from 'react'
import { IconButton } from '../../components/button.tsx'
import { cn } from '../../components/class-names.ts'
import { INPUT, Select } from '../../components/fields.tsx'
import { number } from '../../texts/count.ts'
import { deployTexts } from './english-deploy.ts'

const words = deployTexts.where

/** More suggestions than fit a line or two are found by writing. */
const SUGGESTED_MAX = 8

type RowProps = {
  index: number
  condition: Condition
  values: readonly FieldValues[]
  onChange: (condition: Condition) => void
  onRemove: () => void
}

/** The row. */
export function ConditionRow({ index, condition, values, onChange, onRemove }: RowProps) {
  const { field, key, operator } = condition
  const isLabel = FIELDS[field] === 'label'
  const known = values.find((one) => one.field === field && one.key === (isLabel ? key : undefined))
  const setOperator = (next: Operator) =>
    onChange({ ...condition, operator: next, values: fitting(condition.values, next) })
  return (
    <li
      aria-label={words.condition(index)}
      className={cn(
        'rounded-md border p-2.5',
        isComplete(condition) ? 'border-line' : 'border-dashed border-line-strong',
      )}
    >
      <div className="flex flex-wrap items-center gap-2">
        <Select
          aria-label={words.field(index)}
          className="w-44"
          value={field}
          onChange={(event) => onChange(emptyCondition(event.target.value as Field))}
        >
          {(Object.keys(FIELDS) as Field[]).map((each) => (
            <option key={each} value={each}>
              {words.fields[each]}
            </option>
          ))}
        </Select>
        {isLabel && (
          <LabelKey
            label={words.key(index)}
            value={key ?? ''}
            keys={values.filter((one) => one.field === field).map((one) => one.key ?? '')}
            onChange={(next) => onChange({ ...condition, key: next || undefined })}
          />
        )}
        <Select
          aria-label={words.operator(index)}
          className="w-36"
          value={operator}
          onChange={(event) => setOperator(event.target.value as Operator)}
        >
          {OPERATORS[FIELDS[field]].map((each) => (
            <option key={each} value={each}>
              {words.operators[each]}
            </option>
          ))}
        </Select>
        <ValueInput index={index} condition={condition} known={known} onChange={onChange} />
        <span className="ml-auto">
          <IconButton label={words.remove(index)} isSmall onClick={onRemove}>
            <X size={15} aria-hidden />
          </IconButton>
        </span>
      </div>
      <Suggestions index={index} condition={condition} known={known} onChange={onChange} />
    </li>
  )
}

/** A condition about another field begins anew: what was compared before does not fit it. */
const emptyCondition = (field: Field): Condition => ({ field, operator: OPERATORS[FIELDS[field]][0], values: [] })

function fitting(values: readonly string[], operator: Operator): readonly string[] {
  const arity = arityOf(operator)
  if (arity === 'none') return []
  return arity === 'one' ? values.slice(0, 1) : values
}

type LabelKeyProps = { label: string; value: string; keys: readonly string[]; onChange: (key: string) => void }

function LabelKey({ label, value, keys, onChange }: LabelKeyProps) {
  const id = useId()
  return (
    <>
      <input
        aria-label={label}
        list={id}
        className={cn(INPUT, 'w-32')}
        placeholder={words.keyHint}
        spellCheck={false}
        autoComplete="off"
        maxLength={63}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={id}>
        {keys.map((key) => (
          <option key={key} value={key} />
        ))}
      </datalist>
    </>
  )
}

type ValueProps = Pick<RowProps, 'index' | 'condition' | 'onChange'> & { known: FieldValues | undefined }

function ValueInput({ index, condition, known, onChange }: ValueProps) {
  const id = useId()
  const arity = arityOf(condition.operator)
  if (arity === 'none') return null
  const isMany = arity === 'many'
  const read = (text: string) =>
    isMany ? text.split(',').map((part, place) => (place === 0 ? part : part.replace(/^ /, ''))) : [text]
  return (
    <>
      <input
        aria-label={words.value(index)}
        list={isMany ? undefined : id}
        className={cn(INPUT, 'w-36 flex-1')}
        placeholder={isMany ? words.valuesHint : words.valueHint}
        inputMode={FIELDS[condition.field] === 'number' ? 'numeric' : undefined}
        spellCheck={false}
        autoComplete="off"
        value={condition.values.join(', ')}
        onChange={(event) =>
          onChange({ ...condition, values: event.target.value === '' ? [] : read(event.target.value) })
        }
      />
      {!isMany && (
        <datalist id={id}>
          {known?.values.map(({ value }) => (
            <option key={value} value={value} />
          ))}
        </datalist>
      )}
    </>
  )
}

/** The most frequent values, to be chosen with one press; of several values each press adds one, or takes it away. */
function Suggestions({ index, condition, known, onChange }: ValueProps) {
  const arity = arityOf(condition.operator)
  const shown = known?.values.slice(0, SUGGESTED_MAX) ?? []
  if (arity === 'none' || shown.length === 0) return null
  const toggle = (value: string) => {
    if (arity === 'one') return [value]
    const chosen = condition.values.filter((one) => one.trim() !== '')
    return chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]
  }
  return (
    <div className="mt-2 flex flex-wrap gap-1.5">
      {shown.map(({ value, count }) => {
        const isChosen = condition.values.includes(value)
        return (
          <button
            key={value}
            type="button"
            aria-pressed={isChosen}
            title={words.suggestion(value, count)}
            onClick={() => onChange({ ...condition, values: toggle(value) })}
            className={cn(
              'inline-flex h-6 max-w-48 items-center gap-1.5 rounded-full border px-2 text-xs',
              isChosen ? 'border-accent text-accent' : 'border-line text-soft hover:border-line-strong hover:text-text',
            )}
          >
            <span className="sr-only">{words.use} </span>
            <span className="truncate">{value}</span>
            <span className="sr-only"> {words.inCondition(index)}</span>
            <span className="text-2xs text-faint tabular">{number.format(count)}</span>
          </button>
        )
      })}
    </div>
  )
}
