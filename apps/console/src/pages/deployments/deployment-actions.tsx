/** Deployment actions: change it, or remove it from all its devices. */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { DeployButton } from '../../components/facts/deploy-button.tsx'
import { hub } from '../../hub/hub-client.ts'
import { deploymentsTexts as words } from './english-deployments.ts'
import { rollbackTexts } from './rollback/english-rollback.ts'
import { RollbackButton } from './rollback/rollback-button.tsx'

export function DeploymentActions({ deployment }: { deployment: Deployment }) {
  const [isAsked, setAsked] = useState(false)
  const navigate = useNavigate()
  const client = useQueryClient()
  const { name, spec, devices, revision } = deployment
  return (
    <>
      <RollbackButton deployment={name} blocked={revision === 1 ? rollbackTexts.noEarlier : undefined} />
      <DeployButton search={{ from: name }} text={words.change} />
      <GuardedButton permission="deployment.write" look="danger" onClick={() => setAsked(true)}>
        {words.remove}
      </GuardedButton>
      {isAsked && (
        <Confirmation
          title={words.removeTitle(name)}
          lead={words.removeLead(spec.deployable, devices.total)}
          verb={words.remove}
          isDanger
          typedName={name}
          run={async () => {
            await hub.deployment.remove({ deployment: name, ifRevision: revision })
            await navigate({ to: '/deployments' })
            client.removeQueries({ queryKey: ['deployments', 'one', name] })
          }}
          done={words.removed(name)}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  )
}
