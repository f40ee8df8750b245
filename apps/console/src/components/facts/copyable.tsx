/** Copyable: an id, a digest or a command, set in the typeface of such things, with a button that copies it. */
import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { texts } from '../../texts/english.ts'
import { cn } from '../class-names.ts'
import { toast } from '../toasts.tsx'

/** How long the button says that it has copied. */
const SAID_MS = 1_500

type CopyableProps = { value: string; shown?: string; what: string; className?: string }

/** `shown` may be shorter than what is copied. */
export function Copyable({ value, shown = value, what, className }: CopyableProps) {
  return (
    <span className={cn('group inline-flex max-w-full min-w-0 items-center gap-1', className)}>
      <code className="truncate font-mono text-xs" title={value}>
        {shown}
      </code>
      <CopyButton value={value} what={what} />
    </span>
  )
}

/** The button alone. */
export function CopyButton({ value, what }: { value: string; what: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(value)
    setCopied(true)
    setTimeout(() => setCopied(false), SAID_MS)
  }
  return (
    <button
      type="button"
      aria-label={isCopied ? texts.common.copied : texts.common.copy(what)}
      title={texts.common.copy(what)}
      onClick={(event) => {
        event.preventDefault()
        event.stopPropagation()
        copy().catch(() => toast('bad', texts.common.failed))
      }}
      className="shrink-0 rounded p-1 text-faint hover:bg-raised hover:text-text"
    >
      {isCopied ? <Check size={13} className="text-good" aria-hidden /> : <Copy size={13} aria-hidden />}
    </button>
  )
}

/** The beginning of a digest: enough to tell two apart by eye. */
export const shortDigest = (digest: string): string => digest.replace('sha256:', '').slice(0, 12)
