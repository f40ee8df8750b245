/** Rejected notice: the spec of the deployment names a version that no device is offered, and the next step. */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import { rejectedVersion } from '@skerry/core/rollouts/views/rejected-version'
import { TriangleAlert } from 'lucide-react'
import { Copyable } from '../../components/facts/copyable.tsx'
import { deploymentsTexts as words } from './english-deployments.ts'

/** A card for the head of the page; nothing if the devices are offered the version of the spec. */
export function RejectedNotice({ deployment }: { deployment: Deployment }) {
  const rejected = rejectedVersion(deployment)
  if (!rejected) return null
  return (
    <section aria-label={words.rejected} className="card flex gap-2.5 px-4 py-3 text-sm">
      <TriangleAlert size={16} className="mt-0.5 shrink-0 text-warn" aria-hidden />
      <div className="flex min-w-0 flex-col gap-1">
        <p className="wrap-anywhere">{rejected.note}</p>
        <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1 text-soft">
          <span>{words.rejectedNext}</span>
          <Copyable value={rejected.next} what={words.command} />
        </div>
      </div>
    </section>
  )
}
