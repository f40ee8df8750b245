/**
 * Live columns: a tag's value with its unit, its quality and the cause of a bad one, its times, and the button that
 * writes it.
 */
import { CircleCheck, CircleDashed, CircleX, type LucideIcon, TriangleAlert } from 'lucide-react'
import { GuardedButton } from '../../../components/button.tsx'
import { Tooltip } from '../../../components/dialogs/tooltip.tsx'
import { ageText } from '../../../components/facts/age-text.ts'
import { Badge } from '../../../components/facts/badge.tsx'
import { useNowMs } from '../../../components/facts/instant.tsx'
import type { Tone } from '../../../components/facts/tones.ts'
import type { Column } from '../../../components/rows/data-table.tsx'
import { timeLocale } from '../../../texts/language.ts'
import { liveSourceTexts as words } from './english-live-source.ts'
import { ageOf, contentText, type HeardValues, type LiveRow } from './live-rows.ts'

type Quality = keyof typeof words.qualities

const qualityOf = ({ heard }: LiveRow): Quality => heard?.reading.value.quality ?? 'unheard'

const LOOKS: Readonly<Record<Quality, { tone: Tone; icon: LucideIcon; order: number }>> = {
  bad: { tone: 'bad', icon: CircleX, order: 0 },
  uncertain: { tone: 'warn', icon: TriangleAlert, order: 1 },
  unheard: { tone: 'idle', icon: CircleDashed, order: 2 },
  good: { tone: 'good', icon: CircleCheck, order: 3 },
}

/** The columns of a reading. */
export const valueColumns: readonly Column<LiveRow>[] = [
  {
    id: 'name',
    header: words.columns.name,
    width: 'minmax(6.5rem, 2fr)',
    sortValue: ({ name }) => name,
    cell: ({ name, where }) => (
      <Tooltip text={where === '' ? name : `${name}\n${where}`}>
        <span className="font-mono text-xs">{name}</span>
      </Tooltip>
    ),
  },
  {
    id: 'value',
    header: words.columns.value,
    width: 'minmax(7rem, 1.5fr)',
    cell: (row, shown) => (
      <>
        <Value row={row} />
        <Below row={row} shown={shown} />
      </>
    ),
  },
  {
    id: 'quality',
    header: words.columns.quality,
    width: 'minmax(7rem, 0.75fr)',
    rank: 1,
    sortValue: (row) => LOOKS[qualityOf(row)].order,
    cell: (row) => <QualityBadge row={row} />,
  },
  {
    id: 'source',
    header: words.columns.source,
    width: '8rem',
    rank: 3,
    isRight: true,
    cell: ({ heard }) => heard && <SourceTime ms={heard.reading.value.sourceTimeMs} />,
  },
  {
    id: 'age',
    header: words.columns.age,
    width: '5rem',
    rank: 2,
    isRight: true,
    cell: ({ heard }) => heard && <Age heard={heard} />,
  },
]

export const liveColumns = (onWrite: (tag: string) => void): readonly Column<LiveRow>[] => [
  ...valueColumns,
  {
    id: 'write',
    header: words.columns.write,
    width: '4.5rem',
    isRight: true,
    sortValue: ({ write }) => (write ? 0 : 1),
    cell: ({ name, write }) =>
      write && (
        <GuardedButton
          permission="tag.write"
          isSmall
          aria-label={words.write.openLabel(name)}
          onClick={() => onWrite(name)}
        >
          {words.write.open}
        </GuardedButton>
      ),
  },
]

/** A bad reading has no value. Its cause stands there instead. */
function Value({ row: { heard, unit } }: { row: LiveRow }) {
  if (!heard) return null
  const { value, unit: told } = heard.reading
  if (value.quality === 'bad') return <span className="text-soft">{value.cause.message}</span>
  const shown = contentText(value.value)
  return (
    <span className="tabular" title={String(value.value)}>
      <span className="font-medium">{shown}</span>
      {(told ?? unit) !== undefined && <span className="text-soft"> {told ?? unit}</span>}
    </span>
  )
}

type BelowProps = { row: LiveRow; shown: readonly { id: string }[] }

/** A narrow table has no columns for quality and age. They stand under the value there, or a bad one would look good. */
function Below({ row, shown }: BelowProps) {
  const isShown = (wanted: string) => shown.some(({ id }) => id === wanted)
  if (isShown('quality') && isShown('age')) return null
  return (
    <span className="flex items-center gap-2 text-2xs text-soft tabular">
      {!isShown('quality') && <QualityBadge row={row} />}
      {!isShown('age') && row.heard && <Age heard={row.heard} />}
    </span>
  )
}

function QualityBadge({ row }: { row: LiveRow }) {
  const quality = qualityOf(row)
  const { tone, icon } = LOOKS[quality]
  const value = row.heard?.reading.value
  const why = value && value.quality !== 'good' ? `${value.cause.code}: ${value.cause.message}` : undefined
  const badge = (
    <Badge tone={tone} icon={icon} isPlain>
      {words.qualities[quality]}
    </Badge>
  )
  const hint = why ?? (value ? undefined : words.unheardHint)
  return hint === undefined ? badge : <Tooltip text={hint}>{badge}</Tooltip>
}

const clock = new Intl.DateTimeFormat(timeLocale, { timeStyle: 'medium' })
const full = new Intl.DateTimeFormat(timeLocale, { dateStyle: 'medium', timeStyle: 'long' })

/** The equipment's own time of the value. The tooltip shows times that are days away. */
function SourceTime({ ms }: { ms: number | undefined }) {
  if (ms === undefined)
    return (
      <Tooltip text={words.noTime}>
        <span className="text-faint">–</span>
      </Tooltip>
    )
  return (
    <Tooltip text={`${full.format(ms)}\n${new Date(ms).toISOString()}`}>
      <time dateTime={new Date(ms).toISOString()}>
        {clock.format(ms)}.{String(ms % 1_000).padStart(3, '0')}
      </time>
    </Tooltip>
  )
}

/** The age counts from the answer, so an old answer keeps ageing. */
function Age({ heard }: { heard: HeardValues }) {
  const now = useNowMs()
  return <>{ageText(ageOf(heard, now))}</>
}
