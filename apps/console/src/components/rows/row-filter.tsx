/** Row filter: the field above a list. Words, or an expression over the list's own variable, whose fields it shows on demand. */
import type { RowLanguage } from '@skerry/core/language/row-language'
import { CircleQuestionMark } from 'lucide-react'
import { Popover } from 'radix-ui'
import { useEffect, useState } from 'react'
import { texts } from '../../texts/english.ts'
import { cn } from '../class-names.ts'
import { FilterInput } from '../fields.tsx'

const words = texts.filter

/** While somebody writes, half an expression is no mistake yet. */
const WRITING_MS = 250

type RowFilterProps = {
  label: string
  language: Pick<RowLanguage<never>, 'name' | 'sample' | 'example'>
  /** As the address has it. */
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
      <FilterHelp language={language} onExample={() => setText(language.example)} />
    </div>
  )
}

/** What is being written, and told when the hand rests. An address that changes by itself, as on going back, wins. */
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

type HelpProps = { language: RowFilterProps['language']; onExample: () => void }

function FilterHelp({ language, onExample }: HelpProps) {
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
          <p>{words.helpWords}</p>
          <p className="mt-2">{words.helpExpression}</p>
          <Popover.Close asChild>
            <button
              type="button"
              onClick={onExample}
              className="mt-2 block w-full rounded-md bg-raised px-2.5 py-1.5 text-left font-mono text-xs wrap-anywhere hover:text-accent"
            >
              {language.example}
            </button>
          </Popover.Close>
          <dl className="mt-3 grid max-h-64 grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 overflow-y-auto font-mono text-xs">
            {Object.entries(language.sample).map(([field, sample]) => (
              <div key={field} className="contents">
                <dt>{`${language.name}.${field}`}</dt>
                <dd className="truncate text-soft">{words.kind(sample)}</dd>
              </div>
            ))}
          </dl>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
