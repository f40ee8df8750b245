/** Draft fields: one line or some lines of text, bound to a part of the draft. */
import { cn } from '../../components/class-names.ts'
import { Field, INPUT } from '../../components/fields.tsx'
import type { BatchDraft, DraftField, DraftProblems } from './batch-draft.ts'

export type DraftProps = {
  draft: BatchDraft
  change: (part: Partial<BatchDraft>) => void
  problems: DraftProblems
}

type TextFieldProps = DraftProps & {
  field: Exclude<DraftField, 'kind'>
  label: string
  hint?: string
  type?: 'text' | 'number' | 'datetime-local'
}

/** A field for one line of text. */
export const TextField = ({ draft, change, problems, field, label, hint, type = 'text' }: TextFieldProps) => (
  <Field label={label} hint={hint} error={problems[field]}>
    {(control) => (
      <input
        {...control}
        type={type}
        className={INPUT}
        autoComplete="off"
        value={draft[field]}
        onChange={(event) => change({ [field]: event.target.value })}
      />
    )}
  </Field>
)

/** A field for several lines of text. */
export const LinesField = ({ draft, change, problems, field, label, hint }: Omit<TextFieldProps, 'type'>) => (
  <Field label={label} hint={hint} error={problems[field]}>
    {(control) => (
      <textarea
        {...control}
        rows={3}
        spellCheck={false}
        className={cn(INPUT, 'h-auto py-2 font-mono text-xs leading-relaxed')}
        value={draft[field]}
        onChange={(event) => change({ [field]: event.target.value })}
      />
    )}
  </Field>
)
