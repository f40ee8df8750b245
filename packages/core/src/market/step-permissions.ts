/** Step permissions: the permissions that the caller of an installation needs for its steps. */
import type { InstallStep } from '@skerry/contract/market/installation'
import type { Permission } from '@skerry/contract/people/permissions'

const PERMISSION: Readonly<Record<InstallStep['does'], Permission>> = {
  'set-connection': 'connection.write',
  'remove-connection': 'connection.write',
  push: 'model.write',
  deploy: 'deployment.write',
  'remove-deployment': 'deployment.write',
}

/** The missing ones. Without this check, an installation would end in the middle. */
export const missingForSteps = (steps: readonly InstallStep[], granted: readonly Permission[]): Permission[] => [
  ...new Set(steps.map(({ does }) => PERMISSION[does]).filter((permission) => !granted.includes(permission))),
]
