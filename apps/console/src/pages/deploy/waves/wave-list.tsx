/** Wave list: the waves in their order, each with its fields and what is wrong with them. */
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react'
import { Button, IconButton } from '../../../components/button.tsx'
import { cn } from '../../../components/class-names.ts'
import { Field, INPUT } from '../../../components/fields.tsx'
import type { Problems } from '../draft/draft.ts'
import { WAVE_FLAGS, WAVE_TEXTS, type WaveDraft } from '../draft/draft-search.ts'
import { deployTexts } from '../english-deploy.ts'

const words = deployTexts.waves

type WaveListProps = {
  waves: readonly WaveDraft[]
  problems: Problems
  onChange: (waves: readonly WaveDraft[] | undefined) => void
}

/** The list. */
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

/** Their order is what they are known by; their fields hold no state of their own. */
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

/** Fields that need room for what is written into them. */
const WIDE: ReadonlySet<string> = new Set(['to', 'gates'])

const USUAL: WaveDraft = { soak: '0s', failures: '0', executed: '1', deadline: '1d' }

function WaveCard({ index, count, wave, problems, onChange, onMove, onRemove }: WaveCardProps) {
  const place = index + 1
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
      <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2 lg:grid-cols-4">
        {WAVE_TEXTS.map((key) => (
          <div key={key} className={WIDE.has(key) ? 'sm:col-span-2' : undefined}>
            <Field label={words.fields[key][0]} hint={words.fields[key][1]} error={problems[`waves.${index}.${key}`]}>
              {(control) => (
                <input
                  {...control}
                  className={cn(INPUT, WIDE.has(key) && 'font-mono text-xs')}
                  placeholder={USUAL[key]}
                  spellCheck={false}
                  autoComplete="off"
                  value={wave[key] ?? ''}
                  onChange={(event) => onChange({ ...wave, [key]: event.target.value || undefined })}
                />
              )}
            </Field>
          </div>
        ))}
      </div>
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
