/** Rollback dialog: shows the effect of a rollback, and starts it after a confirmation. */
import { problemOf } from '@skerry/client/problem'
import type { RollbackPlan } from '@skerry/contract/deployments/rollback'
import type { Digest } from '@skerry/contract/values/digest'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Dialog } from '../../../components/dialogs/dialog.tsx'
import { DeployButton } from '../../../components/facts/deploy-button.tsx'
import { Loading } from '../../../components/page-state.tsx'
import { toast } from '../../../components/toasts.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { texts } from '../../../texts/english.ts'
import { deployQueries } from '../../deploy/deploy-queries.ts'
import { isSeen } from '../../deploy/draft/seen-leaves.ts'
import { deployTexts } from '../../deploy/english-deploy.ts'
import { rollbackTexts as words } from './english-rollback.ts'
import { RollbackPreview } from './rollback-preview.tsx'

type DialogProps = {
  deployment: string
  /** The chosen revision; by default the hub chooses the last good one. */
  to?: number | undefined
  onClose: () => void
}

/** Shown while it is in the page. */
export function RollbackDialog({ deployment, to, onClose }: DialogProps) {
  const { data, error } = useQuery(deployQueries.rollback(deployment, to))
  return (
    <Dialog isOpen isWide onClose={onClose} title={words.title(deployment)} lead={words.lead}>
      {!data && !error && <Loading rows={4} />}
      {error && <NoRollback deployment={deployment} message={problemOf(error).message} onClose={onClose} />}
      {data && !error && <Question deployment={deployment} preview={data} onClose={onClose} />}
    </Dialog>
  )
}

function NoRollback({ deployment, message, onClose }: DialogProps & { message: string }) {
  return (
    <div className="flex flex-col gap-4">
      <p role="alert" className="text-sm wrap-anywhere text-bad">
        {message}
      </p>
      <div className="flex items-center justify-end gap-3">
        <Link
          to="/deployments/$deployment"
          params={{ deployment }}
          onClick={onClose}
          className="rounded text-sm text-accent hover:underline"
        >
          {words.revisions}
        </Link>
        <Button onClick={onClose}>{texts.common.close}</Button>
      </div>
    </div>
  )
}

type QuestionProps = Omit<DialogProps, 'to'> & { preview: RollbackPlan }

function Question({ deployment, preview, onClose }: QuestionProps) {
  const [seen, setSeen] = useState<Digest>()
  const { run, isBusy, error } = useRollback(preview, onClose)
  const { leaves } = preview.plan
  const isWarned = preview.caution !== undefined || preview.forwardFrom !== undefined
  const blocked = isSeen(leaves, seen) ? undefined : deployTexts.review.unseen
  return (
    <div className="flex flex-col gap-4">
      <RollbackPreview preview={preview} />
      {leaves.digest !== undefined && (
        <label className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={seen === leaves.digest}
            onChange={({ target }) => setSeen(target.checked ? leaves.digest : undefined)}
          />
          {deployTexts.review.seen(leaves.count)}
        </label>
      )}
      {error !== undefined && (
        <p role="alert" className="text-sm wrap-anywhere text-bad">
          {error}
        </p>
      )}
      <div className="flex flex-wrap justify-end gap-2">
        <span className="w-full sm:w-auto sm:grow">
          <DeployButton
            look="plain"
            search={{ from: deployment, at: String(preview.to.revision) }}
            text={words.wizard}
          />
        </span>
        <Button onClick={onClose}>{texts.common.cancel}</Button>
        <Button
          look={isWarned ? 'danger' : 'primary'}
          blocked={isBusy ? texts.common.loading : blocked}
          onClick={() => void run(seen)}
        >
          {words.button}
        </Button>
      </div>
    </div>
  )
}

/** Rolls back exactly as the preview says, and goes to the rollout. */
function useRollback({ spec: { name: deployment }, from, to }: RollbackPlan, onClose: () => void) {
  const navigate = useNavigate()
  const client = useQueryClient()
  const [state, setState] = useState<{ isBusy: boolean; error?: string }>({ isBusy: false })
  const run = async (acknowledgedLeaves: Digest | undefined) => {
    if (state.isBusy) return
    setState({ isBusy: true })
    try {
      const wish = { deployment, to: to.revision, ifRevision: from.revision, acknowledgedLeaves }
      const { deployment: rolled } = await hub.deployment.rollback(wish)
      for (const key of ['deployments', 'rollouts']) void client.invalidateQueries({ queryKey: [key] })
      toast('good', words.done(deployment, rolled.revision))
      onClose()
      await navigate({ to: '/rollouts/$rollout', params: { rollout: rolled.rolloutId } })
    } catch (thrown) {
      const { code, message } = problemOf(thrown)
      // The dialog shows the new effect. The person must look at it before they try again.
      const isChanged = code === 'revision_stale' || code === 'leaves_unacknowledged'
      if (isChanged) void client.invalidateQueries({ queryKey: ['plan'] })
      setState({ isBusy: false, error: isChanged ? texts.common.changedMeanwhile : message })
    }
  }
  return { run, ...state }
}
