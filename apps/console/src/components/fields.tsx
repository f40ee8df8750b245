/** Fields of forms, each with its label, a hint and its error. */
import { Search, X } from 'lucide-react'
import { type ComponentProps, type ReactNode, useId, useRef } from 'react'
import { texts } from '../texts/english.ts'
import { cn } from './class-names.ts'

export const INPUT =
  'h-8.5 w-full min-w-0 rounded-md border border-line-strong bg-surface px-2.5 text-sm text-text aria-invalid:border-bad'

type FieldProps = {
  label: string
  hint?: ReactNode
  error?: string | undefined
  children: (props: FieldControl) => ReactNode
}
export type FieldControl = { id: string; 'aria-describedby'?: string; 'aria-invalid'?: true }

/** A label around the control that `children` makes of the given properties. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId()
  const noteId = `${id}-note`
  const note = error ?? hint
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children({
        id,
        ...(note !== undefined && { 'aria-describedby': noteId }),
        ...(error !== undefined && { 'aria-invalid': true as const }),
      })}
      {note !== undefined && (
        <p id={noteId} className={cn('text-xs', error === undefined ? 'text-soft' : 'text-bad')}>
          {note}
        </p>
      )}
    </div>
  )
}

/** A choice of a few options. It is the browser's own control, which works with every keyboard and tablet. */
export const Select = ({ className, ...rest }: ComponentProps<'select'>) => (
  <select {...rest} className={cn(INPUT, 'pr-7', className)} />
)

type FilterProps = {
  label: string
  placeholder: string
  value: string
  onChange: (value: string) => void
  error?: string | undefined
  isCode?: boolean
  className?: string
}

/** The filter of a list. `/` puts the cursor into it from anywhere (shell/keys.ts finds it by its attribute). */
export function FilterInput({ label, placeholder, value, onChange, error, isCode, className }: FilterProps) {
  const input = useRef<HTMLInputElement>(null)
  const errorId = useId()
  return (
    <div className={cn('min-w-0', className)}>
      <div className="relative">
        <Search size={15} aria-hidden className="absolute top-1/2 left-2.5 -translate-y-1/2 text-faint" />
        <input
          ref={input}
          data-filter
          aria-label={label}
          aria-invalid={error !== undefined}
          aria-describedby={error === undefined ? undefined : errorId}
          value={value}
          placeholder={placeholder}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => event.key === 'Escape' && input.current?.blur()}
          className={cn(INPUT, 'px-8', isCode && 'font-mono text-xs')}
        />
        {value !== '' && (
          <button
            type="button"
            aria-label={texts.devices.clear}
            onClick={() => {
              onChange('')
              input.current?.focus()
            }}
            className="absolute top-1/2 right-1 -translate-y-1/2 flex size-6.5 items-center justify-center rounded text-faint hover:text-text"
          >
            <X size={14} aria-hidden />
          </button>
        )}
      </div>
      {error !== undefined && (
        <p id={errorId} role="alert" className="mt-1 font-mono text-xs wrap-anywhere text-bad">
          {error}
        </p>
      )}
    </div>
  )
}
