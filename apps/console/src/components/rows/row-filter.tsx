/**
 * Row filter: the field above a list. It accepts words, or an expression over the list's own variable. It shows the
 * fields of that variable on demand.
 */
import type { RowLanguage } from '@skerry/core/language/row-language'
import { CircleQuestionMark } from 'lucide-react'
import { Popover } from 'radix-ui'
import { type ReactNode, useEffect, useState } from 'react'
import { texts } from '../../texts/english.ts'
import { cn } from '../class-names.ts'
import { FilterInput } from '../fields.tsx'

const words = texts.filter

/** While a person types, half an expression is no error yet. */
const WRITING_MS = 250

type RowFilterProps = {
  label: string
  language: Pick<RowLanguage<never>, 'name' | 'sample' | 'example'>
  /** The text from the address. */
  value: string
  onChange: (value: string | undefined) => void
  problem: string | undefined
  className?: string
}

/** The field; `/` puts the cursor into it. */
export function RowFilter({ label, language, value, onChange, problem, className }: RowFilterProps) {
  const [text, setText] = useWriting(value, onChange)
  return (
    <div className={cn('flex max-w-2xl min-w-0 flex-1 items-start gap-1', className)}>
      <FilterInput
        className="flex-1"
        label={label}
        placeholder={words.placeholder(language.example)}
        value={text}
        onChange={setText}
        error={problem}
      />
      <FilterHelp
        example={language.example}
        onExample={() => setText(language.example)}
        fields={Object.entries(language.sample).map(([field, sample]) => [
          `${language.name}.${field}`,
          words.kind(sample),
        ])}
      >
        <p>{words.helpWords}</p>
        <p>{words.helpExpression}</p>
      </FilterHelp>
    </div>
  )
}

/**
 * Keeps the text while a person types, and reports it after a pause. An address that changes by itself, as after the
 * back button, wins.
 */
export function useWriting(value: string, onChange: (value: string | undefined) => void, restMs = WRITING_MS) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  useEffect(() => {
    if (text.trim() === value) return
    const timer = setTimeout(() => onChange(text.trim() || undefined), restMs)
    return () => clearTimeout(timer)
  }, [text, value, onChange, restMs])
  return [text, setText] as const
}

type HelpProps = {
  /** The lines above the example. */
  children: ReactNode
  example: string
  onExample: () => void
  /** Each field, and the kind of its value or an example of it. */
  fields: readonly (readonly [field: string, says: string])[]
}

/** The button beside a filter, with the explanation of its language. */
export function FilterHelp({ children, example, onExample, fields }: HelpProps) {
  return (
    <Popover.Root>
      <Popover.Trigger
        aria-label={words.help}
        className="grid size-8.5 shrink-0 place-items-center rounded-md text-faint hover:bg-raised hover:text-text"
      >
        <CircleQuestionMark size={16} aria-hidden />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          aria-label={words.help}
          className="card z-40 w-96 max-w-[calc(100vw-2rem)] p-4 text-sm shadow-float"
        >
          <div className="flex flex-col gap-2">{children}</div>
          <Popover.Close asChild>
            <button
              type="button"
              onClick={onExample}
              className="mt-2 block w-full rounded-md bg-raised px-2.5 py-1.5 text-left font-mono text-xs wrap-anywhere hover:text-accent"
            >
              {example}
            </button>
          </Popover.Close>
          <dl className="mt-3 grid max-h-64 grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 overflow-y-auto font-mono text-xs">
            {fields.map(([field, says]) => (
              <div key={field} className="contents">
                <dt>{field}</dt>
                <dd className="truncate text-soft">{says}</dd>
              </div>
            ))}
          </dl>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
