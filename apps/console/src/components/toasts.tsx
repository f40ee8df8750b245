/** Toasts: the result of an action, shown once, in words that a screen reader reads too. */
import { CircleCheck, CircleX, X } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { texts } from '../texts/english.ts'

type Toast = { id: number; kind: 'good' | 'bad'; text: string; hint?: string | undefined }

/** Long enough to read two lines. A failure stays until a person closes it. */
const SHOWN_MS = 6_000
/** More would cover the page. */
const TOASTS_MAX = 4

let toasts: readonly Toast[] = []
let counter = 0
const listeners = new Set<() => void>()

function set(next: readonly Toast[]) {
  toasts = next.slice(-TOASTS_MAX)
  for (const listener of listeners) listener()
}

const close = (id: number) => set(toasts.filter((toast) => toast.id !== id))

export function toast(kind: Toast['kind'], text: string, hint?: string): void {
  counter += 1
  const id = counter
  set([...toasts, { id, kind, text, hint }])
  if (kind === 'good') setTimeout(() => close(id), SHOWN_MS)
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** The area that shows the toasts. */
export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts)
  return (
    <div
      aria-live="polite"
      className="pointer-events-none fixed right-4 bottom-4 z-60 flex w-88 max-w-[calc(100vw-2rem)] flex-col gap-2"
    >
      {shown.map(({ id, kind, text, hint }) => (
        <div
          key={id}
          className="pointer-events-auto flex items-start gap-2.5 rounded-lg border border-line bg-surface p-3 shadow-float"
        >
          {kind === 'good' ? (
            <CircleCheck size={18} className="mt-px shrink-0 text-good" aria-hidden />
          ) : (
            <CircleX size={18} className="mt-px shrink-0 text-bad" aria-hidden />
          )}
          <div className="min-w-0 flex-1 text-sm">
            <p className="font-medium wrap-anywhere">{text}</p>
            {hint !== undefined && <p className="mt-0.5 text-xs text-soft wrap-anywhere">{hint}</p>}
          </div>
          <button
            type="button"
            aria-label={texts.common.close}
            onClick={() => close(id)}
            className="rounded p-0.5 text-faint hover:text-text"
          >
            <X size={14} aria-hidden />
          </button>
        </div>
      ))}
    </div>
  )
}
