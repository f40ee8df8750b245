/**
 * Use beginning: the start of a draft: a deployment as it is, or as it was at some revision; for a model, the settings
 * that it has already. It also notes the revision that the author has seen.
 */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { deployQueries } from '../deploy-queries.ts'
import { deployTexts } from '../english-deploy.ts'
import { beginningOf } from './beginning.ts'
import { draftOf, nameOf } from './draft.ts'
import type { DraftState } from './use-draft.ts'

export type Beginning = { isReady: boolean; error: Error | undefined }

/** Fills the draft if its address names a deployment and nothing else, and notes the revision that it started from. */
export function useBeginning({ draft, change }: DraftState, deployments: readonly Deployment[] | undefined): Beginning {
  const { from, at, base } = draft
  const isToFill = from !== undefined && draft.model === undefined
  const source = deployments?.find(({ name }) => name === from)
  const revisions = useQuery({
    ...deployQueries.revisions(from ?? ''),
    enabled: isToFill && at !== undefined && !!source,
  })
  const spec = at === undefined ? source?.spec : revisions.data?.find(({ revision }) => String(revision) === at)?.spec
  useEffect(() => {
    if (isToFill && spec && source) change({ ...draftOf(spec), base: String(source.revision) })
  }, [isToFill, spec, source, change])
  const existing = deployments?.find(({ name }) => name === nameOf(draft))
  useEffect(() => {
    // When the author first writes the name, the current revision is the one that the author could see.
    if (!isToFill && base === undefined && deployments)
      change({ ...beginningOf(draft, deployments), base: String(existing?.revision ?? 0) })
  }, [isToFill, base, draft, deployments, existing, change])
  if (!isToFill) return { isReady: true, error: undefined }
  const isGone = deployments !== undefined && !source
  const isForgotten = at !== undefined && revisions.isSuccess && !spec
  return {
    isReady: false,
    error: isGone
      ? new Error(deployTexts.loadFailed(from))
      : isForgotten
        ? new Error(deployTexts.revisionGone(at))
        : (revisions.error ?? undefined),
  }
}
