/** Affected devices: a card of the devices that a source or a sink counts on, some at once. */
import { type ReactNode, useState } from 'react'
import { Button } from '../button.tsx'
import { Card } from '../card.tsx'
import { Failure, Loading } from '../page-state.tsx'

/** Each is a question of its own: a screen full, then another one. */
const SHOWN_AT_ONCE = 20

type Words = {
  title: string
  none: string
  lead: (count: number, overridden: number) => string
  more: (count: number) => string
  unnamed: (count: number) => string
}

type Plan = { devices: { count: number; names: readonly string[] }; overridden: { count: number } }

type AffectedProps = {
  words: Words
  plan: { data: Plan | undefined; error: Error | null; refetch: () => unknown }
  /** What each of these devices says. */
  rows: (names: readonly string[]) => ReactNode
}

/** The card. */
export function AffectedDevices({ words, plan: { data, error, refetch }, rows }: AffectedProps) {
  const [shown, setShown] = useState(SHOWN_AT_ONCE)
  if (!data)
    return (
      <Card title={words.title}>
        {error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={3} />}
      </Card>
    )
  const { devices, overridden } = data
  const left = devices.names.length - shown
  return (
    <Card title={words.title} isFlush>
      <p className="px-4 py-2.5 text-sm text-soft">
        {devices.count === 0 ? words.none : words.lead(devices.count, overridden.count)}
      </p>
      {devices.count > 0 && <div className="border-t border-line">{rows(devices.names.slice(0, shown))}</div>}
      {left > 0 && (
        <div className="flex items-center gap-3 border-t border-line px-4 py-2">
          <Button isSmall onClick={() => setShown(shown + SHOWN_AT_ONCE)}>
            {words.more(Math.min(left, SHOWN_AT_ONCE))}
          </Button>
          {devices.count > devices.names.length && (
            <span className="text-xs text-soft">{words.unnamed(devices.count - devices.names.length)}</span>
          )}
        </div>
      )}
    </Card>
  )
}
