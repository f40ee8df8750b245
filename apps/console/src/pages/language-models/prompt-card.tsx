/** Prompt card: the prompt, its instructions, the form of the answer and its limits. */
import { Card } from '../../components/card.tsx'
import { Field, INPUT } from '../../components/fields.tsx'
import { languageTexts } from './english-language.ts'
import type { PromptEntries, PromptErrors } from './prompt-form.ts'

const words = languageTexts.prompt

type PromptProps = { entries: PromptEntries; errors: PromptErrors; onChange: (entries: PromptEntries) => void }

export function PromptCard({ entries, errors, onChange }: PromptProps) {
  const change = (field: keyof PromptEntries) => (value: string) => onChange({ ...entries, [field]: value })
  return (
    <Card title={words.title}>
      <div className="flex flex-col gap-4">
        <Field label={words.text}>
          {(control) => <Area control={control} rows={5} value={entries.prompt} onChange={change('prompt')} />}
        </Field>
        <Field label={words.system} hint={words.systemHint}>
          {(control) => <Area control={control} rows={2} value={entries.system} onChange={change('system')} />}
        </Field>
        <Field label={words.schema} hint={words.schemaHint} error={errors.schema}>
          {(control) => <Area control={control} rows={5} isCode value={entries.schema} onChange={change('schema')} />}
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={words.maxTokens} error={errors.maxTokens}>
            {(control) => <Line control={control} value={entries.maxTokens} onChange={change('maxTokens')} />}
          </Field>
          <Field label={words.temperature} hint={words.temperatureHint} error={errors.temperature}>
            {(control) => <Line control={control} value={entries.temperature} onChange={change('temperature')} />}
          </Field>
        </div>
      </div>
    </Card>
  )
}

type LineProps = {
  control: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: true }
  value: string
  onChange: (value: string) => void
}

const Line = ({ control, value, onChange }: LineProps) => (
  <input
    {...control}
    className={INPUT}
    inputMode="decimal"
    autoComplete="off"
    value={value}
    onChange={(event) => onChange(event.target.value)}
  />
)

const Area = ({ control, value, onChange, rows, isCode }: LineProps & { rows: number; isCode?: boolean }) => (
  <textarea
    {...control}
    className={isCode ? `${INPUT} h-auto py-2 font-mono text-xs` : `${INPUT} h-auto py-2`}
    rows={rows}
    autoComplete="off"
    spellCheck={false}
    value={value}
    onChange={(event) => onChange(event.target.value)}
  />
)
