/** Use go: applies the deployment, only if it is still what its author saw, and goes to its rollout. */
import { problemOf } from '@skerry/client/problem'
import type { Deployment, DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { Digest } from '@skerry/contract/values/digest'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { toast } from '../../../components/toasts.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { deployTexts } from '../english-deploy.ts'

const words = deployTexts.review

export type Go = {
  /** `leaves` stands for the devices that the person has seen losing the model. */
  run: (leaves: Digest | undefined) => void
  isBusy: boolean
  /** What the hub said no with; a change by somebody else is told by `isStale`. */
  error: string | undefined
  isStale: boolean
  /** What is there instead, where the hub was asked for it; absent where it has been removed. */
  latest: Deployment | undefined
  forget: () => void
}

type State = { isBusy: boolean; error?: string; isStale?: boolean; latest?: Deployment | undefined }

async function latestOf(name: string): Promise<Deployment | undefined> {
  try {
    return await hub.deployment.get({ deployment: name })
  } catch {
    // Removed, or not to be had now: then the list says what there is.
    return undefined
  }
}

/** The act. `base` is the revision that its author saw; 0 where there was none. */
export function useGo({ spec, base }: { spec: DeploymentSpec | undefined; base: number }): Go {
  const navigate = useNavigate()
  const client = useQueryClient()
  const [state, setState] = useState<State>({ isBusy: false })
  const apply = async (acknowledgedLeaves: Digest | undefined) => {
    if (!spec || state.isBusy) return
    setState({ isBusy: true })
    try {
      const { change, deployment } = await hub.deployment.apply({ ...spec, ifRevision: base, acknowledgedLeaves })
      void client.invalidateQueries({ queryKey: ['deployments'] })
      const { name, revision, rolloutId } = deployment
      toast('good', change === 'unchanged' ? words.same(name) : words.done(name, revision))
      await navigate({ to: '/rollouts/$rollout', params: { rollout: rolloutId } })
    } catch (thrown) {
      const { code, message } = problemOf(thrown)
      // Other devices would leave than the plan said: it is asked again, and the person with it.
      if (code === 'leaves_unacknowledged') void client.invalidateQueries({ queryKey: ['plan'] })
      if (code !== 'revision_stale') return setState({ isBusy: false, error: message })
      // What they made of it must be seen before anything can be decided.
      void client.invalidateQueries({ queryKey: ['deployments'] })
      setState({ isBusy: false, isStale: true, latest: await latestOf(spec.name) })
    }
  }
  return {
    run: (leaves) => void apply(leaves),
    isBusy: state.isBusy,
    error: state.error,
    isStale: state.isStale ?? false,
    latest: state.latest,
    forget: () => setState(({ latest }) => ({ isBusy: false, latest })),
  }
}
