/** Asked change: what a request would change, in the words of what it is about: against what is now, as long as it can still happen. */
import type { Approval } from '@skerry/contract/approvals/approval'
import { DeploymentChange, DeploymentRemoval } from './deployment-change.tsx'
import { BatchChange, InvitationChange, KeyChange, PersonChange } from './hand-changes.tsx'
import { RoleChange } from './role-change.tsx'

export type ChangeProps = {
  input: Approval['input']
  /** It can still happen; else what is now is no longer what it would have changed. */
  isOpen: boolean
}

const CHANGES: Readonly<Record<string, (props: ChangeProps) => React.ReactNode>> = {
  'deployment.apply': DeploymentChange,
  'deployment.remove': DeploymentRemoval,
  'batch.send': BatchChange,
  'batch.retry': BatchChange,
  'user.setRole': PersonChange,
  'invitation.create': InvitationChange,
  'key.create': KeyChange,
  'role.create': RoleChange,
  'role.edit': RoleChange,
}

/** The change; of an action that this console does not know only its input is there, below. */
export function AskedChange({ approval: { action, input }, isOpen }: { approval: Approval; isOpen: boolean }) {
  const Change = CHANGES[action]
  return Change ? <Change input={input} isOpen={isOpen} /> : null
}
