/** Choice cards: a few options, each explained in a sentence. They are radio buttons, so arrow keys choose. */
import { useId } from 'react'
import { cn } from '../../components/class-names.ts'

type Option<Value extends string> = { value: Value; name: string; hint: string }

type ChoiceProps<Value extends string> = {
  label: string
  options: readonly Option<Value>[]
  value: string
  onChange: (value: Value) => void
  /** The columns, if there is room. */
  className?: string
}

export function ChoiceCards<Value extends string>({ label, options, value, onChange, className }: ChoiceProps<Value>) {
  const id = useId()
  return (
    <fieldset className="min-w-0">
      <legend className="mb-2 text-sm font-medium">{label}</legend>
      <div className={cn('grid gap-2', className)}>
        {options.map((option) => (
          <label
            key={option.value}
            className={cn(
              'flex cursor-pointer items-start gap-2.5 rounded-md border p-3 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent',
              option.value === value ? 'border-accent bg-accent/5' : 'border-line hover:border-line-strong',
            )}
          >
            <input
              type="radio"
              name={id}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
              aria-describedby={`${id}-${option.value}`}
              aria-label={option.name}
              className="mt-0.5 size-4 shrink-0 accent-(--accent) outline-none"
            />
            <span className="min-w-0">
              <span className="block text-sm font-medium">{option.name}</span>
              <span id={`${id}-${option.value}`} className="mt-0.5 block text-xs leading-snug text-soft">
                {option.hint}
              </span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
