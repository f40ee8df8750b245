/** Wave list: the waves in order, each with its fields and their errors. */
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react'
import { Button, IconButton } from '../../../components/button.tsx'
import { cn } from '../../../components/class-names.ts'
import { Field, type FieldControl, INPUT } from '../../../components/fields.tsx'
import type { Problems } from '../draft/draft.ts'
import { WAVE_FLAGS, WAVE_TEXTS, type WaveDraft } from '../draft/draft-search.ts'
import { deployTexts } from '../english-deploy.ts'
import type { Units } from './number-unit.ts'
import { UnitInput } from './unit-input.tsx'

const words = deployTexts.waves

type WaveListProps = {
  waves: readonly WaveDraft[]
  problems: Problems
  onChange: (waves: readonly WaveDraft[] | undefined) => void
}

export function WaveList({ waves, problems, onChange }: WaveListProps) {
  const put = (next: readonly WaveDraft[]) => onChange(next.length === 0 ? undefined : next)
  const replace = (index: number, wave: WaveDraft) => put(waves.map((one, place) => (place === index ? wave : one)))
  const last = waves.at(-1)
  const hasRest = last !== undefined && Boolean(last.limit || last.to)
  return (
    <div className="flex flex-col gap-3">
      <p className="text-sm text-soft">{waves.length === 0 ? words.none : words.lead}</p>
      {waves.map(placed).map(({ wave, index, key }) => (
        <WaveCard
          key={key}
          index={index}
          count={waves.length}
          wave={wave}
          problems={problems}
          onChange={(next) => replace(index, next)}
          onMove={(to) => put(moved(waves, index, to))}
          onRemove={() => put(waves.filter((_, place) => place !== index))}
        />
      ))}
      {hasRest && (
        <p className="rounded-md border border-dashed border-line p-3 text-sm">
          <span className="font-medium">{words.rest}</span> <span className="text-soft">{words.restHint}</span>
        </p>
      )}
      <div>
        <Button isSmall onClick={() => put([...waves, {}])}>
          <Plus size={14} aria-hidden />
          {words.add}
        </Button>
      </div>
    </div>
  )
}

/** The order identifies the waves, because their fields hold no state of their own. */
const placed = (wave: WaveDraft, index: number) => ({ wave, index, key: `wave-${index}` })

function moved(waves: readonly WaveDraft[], from: number, to: number): WaveDraft[] {
  const rest = waves.filter((_, place) => place !== from)
  return rest.toSpliced(to, 0, ...waves.slice(from, from + 1))
}

type WaveCardProps = {
  index: number
  count: number
  wave: WaveDraft
  problems: Problems
  onChange: (wave: WaveDraft) => void
  onMove: (to: number) => void
  onRemove: () => void
}

/** These fields need a wide input for long text. */
const WIDE: ReadonlySet<string> = new Set(['to', 'gates'])

/** Few rollouts need these. */
const ADVANCED: ReadonlySet<(typeof WAVE_TEXTS)[number]> = new Set(['executed', 'gates', 'limits', 'deadline'])

const GRID = 'grid gap-x-4 gap-y-3 sm:grid-cols-2 lg:grid-cols-4'

const { times, shares } = deployTexts.units

const { unitOf } = deployTexts

const UNITS: Readonly<Partial<Record<(typeof WAVE_TEXTS)[number], { units: Units; label: string }>>> = {
  limit: { units: shares, label: unitOf.limit },
  soak: { units: times, label: unitOf.soak },
  failures: { units: shares, label: unitOf.failures },
  deadline: { units: times, label: unitOf.deadline },
}

type WaveInputProps = {
  control: FieldControl
  name: (typeof WAVE_TEXTS)[number]
  value: string
  onChange: (text: string | undefined) => void
}

function WaveInput({ control, name, value, onChange }: WaveInputProps) {
  const unit = UNITS[name]
  if (unit) return <UnitInput {...{ control, ...unit, value, onChange }} placeholder={USUAL[name]} />
  return (
    <input
      {...control}
      className={cn(INPUT, WIDE.has(name) && 'font-mono text-xs')}
      placeholder={USUAL[name]}
      spellCheck={false}
      autoComplete="off"
      value={value}
      onChange={({ target }) => onChange(target.value || undefined)}
    />
  )
}

const USUAL: WaveDraft = { soak: '0s', failures: '0', executed: '1', deadline: '1d' }

function WaveCard({ index, count, wave, problems, onChange, onMove, onRemove }: WaveCardProps) {
  const place = index + 1
  // A folded field must not hide a value or an error.
  const isAdvanced = [...ADVANCED].some((key) => wave[key] || problems[`waves.${index}.${key}`])
  const fieldOf = (key: (typeof WAVE_TEXTS)[number]) => (
    <div key={key} className={WIDE.has(key) ? 'sm:col-span-2' : undefined}>
      <Field label={words.fields[key][0]} hint={words.fields[key][1]} error={problems[`waves.${index}.${key}`]}>
        {(control) => (
          <WaveInput
            {...{ control, name: key, value: wave[key] ?? '' }}
            onChange={(text) => onChange({ ...wave, [key]: text })}
          />
        )}
      </Field>
    </div>
  )
  return (
    <fieldset className="rounded-md border border-line p-3">
      <legend className="sr-only">{words.wave(place)}</legend>
      <div className="mb-2 flex items-center gap-1">
        <span aria-hidden className="flex-1 text-sm font-semibold">
          {words.wave(place)}
        </span>
        {index > 0 && (
          <IconButton label={words.up(place)} isSmall onClick={() => onMove(index - 1)}>
            <ArrowUp size={14} aria-hidden />
          </IconButton>
        )}
        {place < count && (
          <IconButton label={words.down(place)} isSmall onClick={() => onMove(index + 1)}>
            <ArrowDown size={14} aria-hidden />
          </IconButton>
        )}
        <IconButton label={words.remove(place)} isSmall onClick={onRemove}>
          <X size={15} aria-hidden />
        </IconButton>
      </div>
      <div className={GRID}>{WAVE_TEXTS.filter((key) => !ADVANCED.has(key)).map(fieldOf)}</div>
      <details className="mt-3" open={isAdvanced || undefined}>
        <summary className="cursor-pointer rounded text-sm font-medium text-accent">{words.more}</summary>
        <div className={`${GRID} mt-3`}>{WAVE_TEXTS.filter((key) => ADVANCED.has(key)).map(fieldOf)}</div>
      </details>
      <div className="mt-3 flex flex-wrap gap-x-6 gap-y-2">
        {WAVE_FLAGS.map((key) => (
          <label key={key} className="inline-flex min-h-6 items-center gap-2 text-sm">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={wave[key] === 'true'}
              onChange={({ target }) => onChange({ ...wave, [key]: target.checked ? 'true' : undefined })}
            />
            {words.flags[key]}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
