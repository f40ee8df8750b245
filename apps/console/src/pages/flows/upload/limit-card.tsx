/** Limit card: a form that makes the flow of an alarm at a limit, for a person who has no file of a flow. */
import { tagRowsOf } from '@skerry/core/tags/tag-rows'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Field, INPUT, Select } from '../../../components/fields.tsx'
import { useMissing } from '../../../hub/permission.ts'
import type { LocalFile } from '../../models/upload/file-plan.ts'
import { TAGS_SHOWN_MAX } from '../../sources/form/form-text.ts'
import { sourceQueries } from '../../sources/source-queries.ts'
import { limitTexts as words } from './english-limit.ts'
import { emptyLimit, type LimitForm, limitFile } from './limit-form.ts'

type LimitProps = {
  /** The id of the source from whose page a person comes. */
  source: string | undefined
  onFiles: (files: LocalFile[]) => void
}

/** Nothing for a caller who may not read sources. */
export function LimitCard({ source, onFiles }: LimitProps) {
  const enabled = useMissing('connection.read') === undefined
  const { data: sources } = useQuery({ ...sourceQueries.list(), enabled })
  const [form, setForm] = useState(() => emptyLimit(source))
  if (!sources) return null
  const change = (part: Partial<LimitForm>) => setForm({ ...form, ...part })
  const made = limitFile(form, sources.find(({ id }) => id === form.source)?.name)
  const make = () => {
    if (!made.ok) return
    const file = new File([made.text], 'flow.yaml')
    onFiles([{ path: file.name, sizeBytes: file.size, file }])
  }
  if (sources.length === 0) return <NoSource />
  return (
    <Card title={source === undefined ? words.title : words.titleOfSource}>
      <form
        className="flex max-w-3xl flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          make()
        }}
      >
        <p className="text-sm text-soft">{words.lead}</p>
        <div className="grid gap-4 sm:grid-cols-2">
          <Choice
            label={words.source}
            value={form.source}
            options={sources.map(({ id, name }) => ({ value: id, text: name }))}
            onChange={(id) => change({ source: id, tag: '' })}
          />
          <TagChoice source={form.source} tag={form.tag} onChange={(tag) => change({ tag })} />
        </div>
        <div className="grid items-start gap-4 sm:grid-cols-3">
          <Field label={words.side}>
            {(control) => (
              <Select
                {...control}
                value={form.side}
                onChange={({ target }) => change({ side: target.value === 'below' ? 'below' : 'above' })}
              >
                <option value="above">{words.sides.above}</option>
                <option value="below">{words.sides.below}</option>
              </Select>
            )}
          </Field>
          <Level name="limit" form={form} change={change} />
          <Level name="forSeconds" form={form} change={change} />
          <Level name="clear" form={form} change={change} hint={words.clearHint} />
          <Level name="silenceSeconds" form={form} change={change} hint={words.silenceHint} />
        </div>
        <div className="flex justify-end">
          <Button type="submit" look="primary" blocked={made.ok ? undefined : made.message}>
            {words.make}
          </Button>
        </div>
      </form>
    </Card>
  )
}

const NoSource = () => (
  <Card title={words.title}>
    <p className="flex flex-wrap gap-x-3 text-sm text-soft">
      {words.none}
      <Link to="/sources/new" search={{}} className="rounded font-medium text-accent hover:underline">
        {words.create}
      </Link>
    </p>
  </Card>
)

type TagProps = { source: string; tag: string; onChange: (tag: string) => void }

/** A source of very many tags is written, not chosen: a list of thousands helps nobody. */
function TagChoice({ source, tag, onChange }: TagProps) {
  const { data } = useQuery({ ...sourceQueries.one(source), enabled: source !== '' })
  const rows = data ? tagRowsOf(data.spec) : []
  if (rows.length > TAGS_SHOWN_MAX)
    return (
      <Field label={words.tag}>
        {(control) => (
          <input {...control} className={INPUT} value={tag} onChange={({ target }) => onChange(target.value)} />
        )}
      </Field>
    )
  const options = rows.map(({ name, unit }) => ({
    value: name,
    text: unit === undefined ? name : `${name} (${unit})`,
  }))
  return <Choice label={words.tag} value={tag} options={options} onChange={onChange} />
}

type ChoiceProps = {
  label: string
  value: string
  options: readonly { value: string; text: string }[]
  onChange: (value: string) => void
}

const Choice = ({ label, value, options, onChange }: ChoiceProps) => (
  <Field label={label}>
    {(control) => (
      <Select {...control} value={value} onChange={({ target }) => onChange(target.value)}>
        <option value="">{words.choose}</option>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </Select>
    )}
  </Field>
)

type LevelProps = {
  name: 'limit' | 'clear' | 'forSeconds' | 'silenceSeconds'
  form: LimitForm
  change: (part: Partial<LimitForm>) => void
  hint?: string
}

const Level = ({ name, form, change, hint }: LevelProps) => (
  <Field label={words[name]} hint={hint}>
    {(control) => (
      <input
        {...control}
        className={INPUT}
        inputMode="decimal"
        autoComplete="off"
        value={form[name]}
        onChange={({ target }) => change({ [name]: target.value })}
      />
    )}
  </Field>
)
