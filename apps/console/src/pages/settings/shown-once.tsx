/** Shown once: a secret, whole, to be copied now. */
import { CopyButton } from '../../components/facts/copyable.tsx'

/** The secret on a ground of its own. */
export const ShownOnce = ({ value, what }: { value: string; what: string }) => (
  <div className="flex items-start gap-2 rounded-lg border border-line bg-ground p-3">
    <code className="min-w-0 flex-1 font-mono text-xs leading-relaxed break-all">{value}</code>
    <CopyButton value={value} what={what} />
  </div>
)
