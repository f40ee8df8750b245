/**
 * Asked change: the change that a request would make. As long as the change can still happen, the page compares it with
 * the current state.
 */
import type { Approval } from '@skerry/contract/approvals/approval'
import { DeploymentChange, DeploymentRemoval, DeploymentRollback } from './deployment-change.tsx'
import { BatchChange, InvitationChange, KeyChange, PersonChange } from './hand-changes.tsx'
import { RoleChange } from './role-change.tsx'

export type ChangeProps = {
  input: Approval['input']
  /**
   * True while the change can still happen. Afterwards, the current state is no longer the one that the request would
   * have changed.
   */
  isOpen: boolean
}

const CHANGES: Readonly<Record<string, (props: ChangeProps) => React.ReactNode>> = {
  'deployment.apply': DeploymentChange,
  'deployment.rollback': DeploymentRollback,
  'deployment.remove': DeploymentRemoval,
  'batch.send': BatchChange,
  'batch.retry': BatchChange,
  'user.setRole': PersonChange,
  'invitation.create': InvitationChange,
  'key.create': KeyChange,
  'role.create': RoleChange,
  'role.edit': RoleChange,
}

/** The change. If this console does not know the action, only the input below is shown. */
export function AskedChange({ approval: { action, input }, isOpen }: { approval: Approval; isOpen: boolean }) {
  const Change = CHANGES[action]
  return Change ? <Change input={input} isOpen={isOpen} /> : null
}
