/** Instant: a moment as its distance from now. Hover and focus show it in the viewer's zone and in UTC. */
import { useSyncExternalStore } from 'react'
import { texts } from '../../texts/english.ts'
import { language, timeLocale } from '../../texts/language.ts'
import { Tooltip } from '../dialogs/tooltip.tsx'

/** Often enough that words such as "3 min ago" are right to their unit. */
const TICK_MS = 5_000

let nowMs = Date.now()
const listeners = new Set<() => void>()
let timer: number | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= window.setInterval(() => {
    nowMs = Date.now()
    for (const each of listeners) each()
  }, TICK_MS)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    window.clearInterval(timer)
    timer = undefined
  }
}

/** The current time, updated as often as words about it change. */
export const useNowMs = (): number => useSyncExternalStore(subscribe, () => nowMs)

const relative = new Intl.RelativeTimeFormat(language, { numeric: 'always', style: 'narrow' })
const local = new Intl.DateTimeFormat(timeLocale, { dateStyle: 'medium', timeStyle: 'medium' })
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** The distance in its largest unit. Clocks may differ a little, so a time just ahead counts as now. */
function relativeText(ms: number, now: number): string {
  const distance = ms - now
  if (distance > -5_000 && distance < 5_000) return texts.common.now
  const [unit, size] = UNITS.find(([, length]) => Math.abs(distance) >= length) ?? UNITS[3]
  return relative.format(Math.trunc(distance / size), unit)
}

/** `2026-11-25 10:03:07Z`, the same everywhere. */
const utcText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`

const TIME = 'tabular whitespace-nowrap'

type InstantProps = { ms: number | undefined; isAbsolute?: boolean; className?: string }

/** The moment; `never` if there is none. */
export function Instant({ ms, isAbsolute, className = TIME }: InstantProps) {
  const now = useNowMs()
  if (ms === undefined) return <span className="text-faint">{texts.common.never}</span>
  return (
    <Tooltip text={`${local.format(ms)} ${zone}\n${utcText(ms)}`}>
      <time dateTime={new Date(ms).toISOString()} className={className}>
        {isAbsolute ? local.format(ms) : relativeText(ms, now)}
      </time>
    </Tooltip>
  )
}
