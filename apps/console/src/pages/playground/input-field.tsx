/** Input field: one input of a model, as fields, as JSON or as a picture. */
import { bytesOfTensor } from '@skerry/client/named-tensor'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { shapeText } from '@skerry/core/models/model-diff'
import { elementCount } from '@skerry/core/tensors/nested-tensor'
import { useId, useMemo } from 'react'
import { Button } from '../../components/button.tsx'
import { cn } from '../../components/class-names.ts'
import { INPUT, Select } from '../../components/fields.tsx'
import { TensorDrawing } from '../../components/tensors/tensor-drawing.tsx'
import { playgroundWords } from './english-playground.ts'
import { ImageField } from './image/image-field.tsx'
import { type Entry, type EntryKind, entryOfKind, firstEntry, kindsOf, readEntry } from './input-entry.ts'

const words = playgroundWords.inputs

type FieldProps = { spec: TensorSpec; entry: Entry; onChange: (entry: Entry) => void }

/** The field with its name, its type, and the ways to enter it. */
export function InputField({ spec, entry, onChange }: FieldProps) {
  const kinds = kindsOf(spec, entry.sizes)
  const choose = (kind: EntryKind) => onChange(entryOfKind(kind, spec, entry.sizes, entry) ?? entry)
  return (
    <section aria-label={spec.name} className="flex flex-col gap-3 p-4">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <code className="font-mono text-xs font-medium wrap-anywhere">{spec.name}</code>
        <code className="font-mono text-xs text-soft">
          {spec.datatype} {shapeText(spec.shape)}
        </code>
        <Sizes spec={spec} entry={entry} onChange={onChange} />
        {entry.kind !== 'made' && kinds.length > 1 && (
          <KindSwitch name={spec.name} kinds={kinds} chosen={entry.kind} onChoose={choose} />
        )}
      </header>
      <Control spec={spec} entry={entry} onChange={onChange} />
      <Picture spec={spec} entry={entry} />
      <Problem spec={spec} entry={entry} />
    </section>
  )
}

/** A drawing of an input that nobody can read number by number. A picture and single fields show themselves. */
function Picture({ spec, entry }: Pick<FieldProps, 'spec' | 'entry'>) {
  const form = useMemo(() => {
    const read = entry.kind === 'json' || entry.kind === 'made' ? readEntry(spec, entry) : undefined
    const bytes = read?.ok && elementCount(read.tensor.shape) >= DRAWN_MIN && bytesOfTensor(read.tensor)
    return bytes ? { datatype: spec.datatype, shape: read.tensor.shape, bytes } : undefined
  }, [spec, entry])
  return form && spec.datatype !== 'BYTES' ? <TensorDrawing name={spec.name} tensor={form} /> : null
}

/** Two numbers are quicker to read than to look at. */
const DRAWN_MIN = 3

function Control({ spec, entry, onChange }: FieldProps) {
  switch (entry.kind) {
    case 'values':
      return <Values spec={spec} entry={entry} onChange={onChange} />
    case 'json':
      return <Json spec={spec} entry={entry} onChange={onChange} />
    case 'image':
      return <ImageField spec={spec} entry={entry} onChange={onChange} />
    case 'made':
      return (
        <div className="flex flex-wrap items-center justify-between gap-3 rounded-md bg-raised px-3 py-2 text-sm">
          <span>{words.made(entry.from, elementCount(entry.tensor.shape))}</span>
          <Button isSmall onClick={() => onChange({ ...firstEntry(spec), sizes: entry.sizes })}>
            {words.change}
          </Button>
        </div>
      )
    default:
      return entry satisfies never
  }
}

/** The error, once the person has entered something. An empty form is no mistake. */
function Problem({ spec, entry }: Pick<FieldProps, 'spec' | 'entry'>) {
  const isEmpty =
    entry.kind === 'image' ||
    (entry.kind === 'json' && entry.text.trim() === '') ||
    (entry.kind === 'values' && entry.values.some((value) => value.trim() === '') && spec.datatype !== 'BYTES')
  const read = isEmpty ? undefined : readEntry(spec, entry)
  if (!read || read.ok) return null
  return <p className="text-xs text-bad wrap-anywhere">{read.message}</p>
}

type KindSwitchProps = {
  name: string
  kinds: readonly EntryKind[]
  chosen: EntryKind
  onChoose: (kind: EntryKind) => void
}

const KindSwitch = ({ name, kinds, chosen, onChoose }: KindSwitchProps) => (
  <fieldset className="ml-auto flex divide-x divide-line-strong overflow-hidden rounded-md border border-line-strong">
    <legend className="sr-only">{words.as(name)}</legend>
    {kinds.map((kind) => (
      <button
        key={kind}
        type="button"
        aria-pressed={kind === chosen}
        onClick={() => onChoose(kind)}
        className={cn(
          'h-7 px-2.5 text-xs font-medium',
          kind === chosen ? 'bg-accent text-on-accent' : 'bg-surface text-soft hover:bg-raised hover:text-text',
        )}
      >
        {words.kinds[kind]}
      </button>
    ))}
  </fieldset>
)

/**
 * The open dimensions, if fields and fillings need them. JSON has its own, and a picture has its own fields for its
 * sides.
 */
function Sizes({ spec, entry, onChange }: FieldProps) {
  if (entry.kind === 'image' || entry.kind === 'made') return null
  const open = spec.shape.flatMap((size, index) => (size === -1 ? [index] : []))
  const resize = (at: number, text: string) => {
    const sizes = entry.sizes.map((size, index) => (index === at ? text : size))
    const kept = entry.kind === 'values' ? entryOfKind('values', spec, sizes, { ...entry, sizes }) : undefined
    onChange(kept ?? { ...entry, sizes })
  }
  return open.map((dimension, at) => (
    <label key={dimension} className="flex items-center gap-1.5 text-xs text-soft">
      {words.sizeLabel(dimension)}
      <input
        aria-label={words.size(spec.name, dimension)}
        inputMode="numeric"
        value={entry.sizes[at] ?? ''}
        onChange={(event) => resize(at, event.target.value)}
        className={cn(INPUT, 'h-7 w-16 px-2 text-xs tabular')}
      />
    </label>
  ))
}

type ValuesEntry = Extract<Entry, { kind: 'values' }>

/** Short rows of a tensor stand below each other, as in its shape. Longer ones fill the width. */
const SHORT_ROWS: Readonly<Record<number, string>> = {
  2: 'grid-cols-2',
  3: 'sm:grid-cols-3',
  4: 'sm:grid-cols-4',
}

/** The last dimension; 0 if nobody has set it yet. */
function rowLength({ shape }: TensorSpec, { sizes }: ValuesEntry): number {
  const last = shape.length < 2 ? 0 : (shape.at(-1) ?? 0)
  return last === -1 ? Number(sizes.at(-1)) || 0 : last
}

function Values({ spec, entry, onChange }: Omit<FieldProps, 'entry'> & { entry: ValuesEntry }) {
  const set = (at: number, text: string) =>
    onChange({ ...entry, values: entry.values.map((value, index) => (index === at ? text : value)) })
  // A number of FP32 has up to 14 characters, such as -1.2345678e-10.
  return (
    <div
      className={cn('grid grid-cols-[repeat(auto-fill,minmax(8rem,1fr))] gap-2', SHORT_ROWS[rowLength(spec, entry)])}
    >
      {Array.from(entry.values.entries(), ([at, value]) => (
        <Element
          key={at}
          label={words.element(spec.name, at)}
          isTruth={spec.datatype === 'BOOL'}
          isNumber={spec.datatype !== 'BYTES'}
          value={value}
          onChange={(text) => set(at, text)}
        />
      ))}
    </div>
  )
}

type ElementProps = {
  label: string
  isTruth: boolean
  isNumber: boolean
  value: string
  onChange: (text: string) => void
}

function Element({ label, isTruth, isNumber, value, onChange }: ElementProps) {
  if (isTruth)
    return (
      <Select aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="false">false</option>
        <option value="true">true</option>
      </Select>
    )
  return (
    <input
      aria-label={label}
      inputMode={isNumber ? 'decimal' : 'text'}
      autoComplete="off"
      spellCheck={false}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className={cn(INPUT, 'font-mono text-xs')}
    />
  )
}

type JsonEntry = Extract<Entry, { kind: 'json' }>

function Json({ spec, entry, onChange }: Omit<FieldProps, 'entry'> & { entry: JsonEntry }) {
  const hint = useId()
  return (
    <div className="flex flex-col gap-1.5">
      <textarea
        aria-label={words.json(spec.name)}
        aria-describedby={hint}
        rows={6}
        spellCheck={false}
        value={entry.text}
        onChange={(event) => onChange({ ...entry, text: event.target.value })}
        className="w-full min-w-0 resize-y rounded-md border border-line-strong bg-surface p-2.5 font-mono text-xs leading-5"
      />
      <p id={hint} className="text-xs text-soft">
        {words.jsonHint(shapeText(spec.shape))}
      </p>
    </div>
  )
}
