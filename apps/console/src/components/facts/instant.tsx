/** Instant: a moment, as long ago as it is; in the viewer's zone and in UTC on hover and focus. */
import { useSyncExternalStore } from 'react'
import { texts } from '../../texts/english.ts'
import { Tooltip } from '../dialogs/tooltip.tsx'

/** Words such as "3 min ago" are right to their own unit this way. */
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

/** Now, as often as words about it change. */
export const useNowMs = (): number => useSyncExternalStore(subscribe, () => nowMs)

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'narrow' })
const local = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** The distance in its largest unit. A clock that differs a little is no news: what lies a moment ahead is now. */
function relativeText(ms: number, now: number): string {
  const distance = ms - now
  if (distance > -5_000 && distance < 5_000) return 'now'
  const [unit, size] = UNITS.find(([, length]) => Math.abs(distance) >= length) ?? UNITS[3]
  return relative.format(Math.trunc(distance / size), unit)
}

/** `2026-11-25 10:03:07Z`, the same everywhere. */
const utcText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`

const TIME = 'tabular whitespace-nowrap'

type InstantProps = { ms: number | undefined; isAbsolute?: boolean; className?: string }

/** The moment; `never` where there is none. */
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
