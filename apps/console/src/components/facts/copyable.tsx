/** Copyable: an id, a digest or a command in a monospaced font, with a button that copies it. */
import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { texts } from '../../texts/english.ts'
import { cn } from '../class-names.ts'
import { toast } from '../toasts.tsx'

/** The time for which the button confirms the copy. */
const SAID_MS = 1_500

type CopyableProps = { value: string; shown?: string; what: string; className?: string; isWhole?: boolean }

/** `shown` may be shorter than the copied value. `isWhole`: a long value breaks into lines, and no letter is cut. */
export function Copyable({ value, shown = value, what, className, isWhole = false }: CopyableProps) {
  return (
    <span className={cn('group inline-flex max-w-full min-w-0 items-center gap-1', className)}>
      <code className={cn('font-mono text-xs', isWhole ? 'wrap-anywhere' : 'truncate')} title={value}>
        {shown}
      </code>
      <CopyButton value={value} what={what} />
    </span>
  )
}

/** The copy button without the text. */
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

/** The beginning of a digest is enough to distinguish two by eye. */
export const shortDigest = (digest: string): string => digest.replace('sha256:', '').slice(0, 12)
