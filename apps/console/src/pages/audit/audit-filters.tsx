/** Audit filters: by time, who, what, on what, and with what result; each part is in the address. */
import { useId } from 'react'
import { Field, INPUT, Select } from '../../components/fields.tsx'
import { useWriting } from '../../components/rows/row-filter.tsx'
import type { AuditSearch } from '../../search.ts'
import { texts } from '../../texts/english.ts'

const words = texts.audit

/** Nouns that actions begin with; a whole action can be written, too. */
const NOUNS = ['deployment', 'device', 'key', 'model', 'rollout', 'session', 'site', 'token']
const SPANS = ['1h', '24h', '7d', '30d'] as const

type FiltersProps = { filter: AuditSearch; onChange: (change: AuditSearch) => void }

/** The fields, in one row where there is room. */
export function AuditFilters({ filter, onChange }: FiltersProps) {
  return (
    <div className="grid grid-cols-2 gap-3 lg:grid-cols-5">
      <Range filter={filter} onChange={onChange} />
      <Words
        label={words.actor}
        placeholder={words.actorPlaceholder}
        value={filter.actor}
        onChange={(actor) => onChange({ actor })}
        isFirst
      />
      <Words
        label={words.action}
        placeholder={words.actionPlaceholder}
        value={filter.action}
        onChange={(action) => onChange({ action })}
        suggestions={NOUNS.map((noun) => `${noun}.*`)}
      />
      <Words
        label={words.object}
        placeholder={words.objectPlaceholder}
        value={filter.object}
        onChange={(object) => onChange({ object })}
      />
      <ResultSelect value={filter.result} onChange={(result) => onChange({ result })} />
    </div>
  )
}

function Range({ filter: { from, to }, onChange }: FiltersProps) {
  const span = SPANS.find((each) => each === from)
  const isOwn = to !== undefined || (from !== undefined && span === undefined)
  const choose = (value: string) => {
    // An own range begins as the last day: then both ends are there to be changed.
    if (value === 'own') return onChange({ from: new Date(Date.now() - DAY_MS).toISOString(), to: undefined })
    onChange({ from: value || undefined, to: undefined })
  }
  return (
    <>
      <Field label={words.range}>
        {(control) => (
          <Select {...control} value={isOwn ? 'own' : (span ?? '')} onChange={(event) => choose(event.target.value)}>
            <option value="">{words.anyTime}</option>
            {SPANS.map((each) => (
              <option key={each} value={each}>
                {words.spans[each]}
              </option>
            ))}
            <option value="own">{words.ownRange}</option>
          </Select>
        )}
      </Field>
      {isOwn && <Moment label={words.from} value={from} onChange={(next) => onChange({ from: next })} />}
      {isOwn && <Moment label={words.to} value={to} onChange={(next) => onChange({ to: next })} />}
    </>
  )
}

const DAY_MS = 86_400_000

type MomentProps = { label: string; value: string | undefined; onChange: (value: string | undefined) => void }

/** In the viewer's zone; the address has it in UTC. */
const Moment = ({ label, value, onChange }: MomentProps) => (
  <Field label={label}>
    {(control) => (
      <input
        {...control}
        type="datetime-local"
        className={INPUT}
        value={localText(value)}
        onChange={({ target }) => onChange(target.value ? new Date(target.value).toISOString() : undefined)}
      />
    )}
  </Field>
)

/** As such a field has it: no zone, to the minute. */
function localText(iso: string | undefined): string {
  const atMs = iso === undefined ? Number.NaN : Date.parse(iso)
  if (Number.isNaN(atMs)) return ''
  const offsetMs = new Date(atMs).getTimezoneOffset() * 60_000
  return new Date(atMs - offsetMs).toISOString().slice(0, 16)
}

type WordsProps = {
  label: string
  placeholder: string
  value: string | undefined
  onChange: (value: string | undefined) => void
  suggestions?: readonly string[]
  /** `/` puts the cursor here. */
  isFirst?: boolean
}

function Words({ label, placeholder, value = '', onChange, suggestions, isFirst }: WordsProps) {
  const [text, setText] = useWriting(value, onChange)
  const listId = useId()
  return (
    <Field label={label}>
      {(control) => (
        <>
          <input
            {...control}
            {...(isFirst && { 'data-filter': true })}
            {...(suggestions && { list: listId })}
            spellCheck={false}
            autoComplete="off"
            className={`${INPUT} font-mono text-xs`}
            placeholder={placeholder}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          {suggestions && (
            <datalist id={listId}>
              {suggestions.map((each) => (
                <option key={each} value={each} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  )
}

type ResultProps = { value: string | undefined; onChange: (value: string | undefined) => void }

function ResultSelect({ value = '', onChange }: ResultProps) {
  const isCode = value !== '' && value !== 'ok' && value !== 'refused'
  return (
    <Field label={words.result}>
      {(control) => (
        <Select {...control} value={value} onChange={(event) => onChange(event.target.value || undefined)}>
          <option value="">{words.anyResult}</option>
          <option value="ok">{words.ok}</option>
          <option value="refused">{words.refused}</option>
          {isCode && <option value={value}>{value}</option>}
        </Select>
      )}
    </Field>
  )
}
