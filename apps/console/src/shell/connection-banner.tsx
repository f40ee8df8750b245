/** Connection banner: reports that the hub does not answer, and that the page keeps trying. */
import { CloudOff } from 'lucide-react'
import { useConnectionState } from '../hub/connection-state.ts'
import { texts } from '../texts/english.ts'

/** Renders nothing while the hub answers. */
export function ConnectionBanner() {
  const state = useConnectionState()
  if (state !== 'lost') return null
  return (
    <div
      role="alert"
      className="sticky top-0 z-20 flex items-center gap-2 border-b border-line bg-surface px-6 py-2 text-sm"
    >
      <CloudOff size={16} className="shrink-0 text-bad" aria-hidden />
      <span>{texts.shell.connection.banner}</span>
      <span className="animate-pulse text-soft">{texts.shell.connection.reconnecting}</span>
    </div>
  )
}
