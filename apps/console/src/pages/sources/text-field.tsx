/** Text field: the text of a source or a sink with the numbers of its lines; those with mistakes are marked. */
import { SPEC_BYTES_MAX } from '@skerry/contract/connections/connection'
import { Upload } from 'lucide-react'
import { type RefObject, useId, useRef, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { cn } from '../../components/class-names.ts'
import { sourcesTexts } from './english-sources.ts'
import { type TakenText, withTags } from './source-text.ts'
import type { Flaw } from './yaml-text.ts'

const words = sourcesTexts.edit

type TextFieldProps = {
  area: RefObject<HTMLTextAreaElement | null>
  text: string
  flaws: readonly Flaw[]
  onChange: (text: string) => void
  /** A table of tags comes into it. */
  takesTags?: boolean
}

export function TextField({ area, text, flaws, onChange, takesTags }: TextFieldProps) {
  const id = useId()
  const numbers = useRef<HTMLDivElement>(null)
  const marked = new Set(flaws.map(({ line }) => line))
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex items-center justify-between gap-3">
        <label htmlFor={id} className="text-sm font-medium">
          {words.text}
        </label>
        <span className="inline-flex flex-wrap items-center gap-2">
          {takesTags && (
            <FileButton label={words.tags} accept=".csv" read={(csv) => withTags(text, csv)} onText={onChange} />
          )}
          <FileButton
            label={words.file}
            accept=".yaml,.yml,.json"
            read={(taken) => ({ ok: true, text: taken })}
            onText={onChange}
          />
        </span>
      </div>
      <div className="flex h-[26rem] overflow-hidden rounded-md border border-line-strong bg-surface font-mono text-xs leading-5">
        <div
          ref={numbers}
          aria-hidden
          className="w-11 shrink-0 overflow-hidden border-r border-line bg-raised py-2 text-right text-soft select-none"
        >
          {linesOf(text).map((line) => (
            <div key={line} className={cn('px-2', marked.has(line) && 'bg-bad/15 font-semibold text-bad')}>
              {line}
            </div>
          ))}
        </div>
        <textarea
          ref={area}
          id={id}
          value={text}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          wrap="off"
          aria-invalid={flaws.length > 0}
          onChange={(event) => onChange(event.target.value)}
          onScroll={({ currentTarget }) => numbers.current?.scrollTo({ top: currentTarget.scrollTop })}
          className="min-w-0 flex-1 resize-none overflow-auto bg-transparent px-3 py-2 outline-offset-[-2px]"
        />
      </div>
      <p className="text-xs text-soft">{words.comments}</p>
    </div>
  )
}

const linesOf = (text: string): number[] => text.split('\n', LINES_NUMBERED).map((_, index) => index + 1)

/** A source of more lines comes from a program, and is not written here. */
const LINES_NUMBERED = 5_000

type FileButtonProps = {
  label: string
  accept: string
  read: (text: string) => TakenText
  onText: (text: string) => void
}

/** A button that takes a file; what is wrong with it stands beside. */
function FileButton({ label, accept, read, onText }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null)
  const [flaw, setFlaw] = useState<string>()
  const take = async (file: File) => {
    if (file.size > SPEC_BYTES_MAX) return setFlaw(words.fileTooLarge)
    const taken = read(await file.text())
    setFlaw(taken.ok ? undefined : taken.flaw)
    if (taken.ok) onText(taken.text)
  }
  return (
    <span className="inline-flex items-center gap-2">
      {flaw !== undefined && (
        <span role="alert" className="text-xs text-bad">
          {flaw}
        </span>
      )}
      <input
        ref={input}
        type="file"
        accept={accept}
        aria-label={label}
        className="hidden"
        onChange={({ target }) => {
          const [file] = target.files ?? []
          // So that the same file can be taken again once it has been mended.
          target.value = ''
          if (file) void take(file)
        }}
      />
      <Button isSmall onClick={() => input.current?.click()}>
        <Upload size={13} aria-hidden />
        {label}
      </Button>
    </span>
  )
}
