/** Command list: every command, in the order in which help and reference show them. */
import type { Command } from './command.ts'
import { abortRollout } from './commands/abort-rollout.ts'
import { aliasModel } from './commands/alias-model.ts'
import { applyManifests } from './commands/apply-manifest.ts'
import { approveDevice } from './commands/approve-device.ts'
import { completeShell } from './commands/complete-shell.ts'
import { createDeviceToken } from './commands/create-device-token.ts'
import { createKey } from './commands/create-key.ts'
import { createSite } from './commands/create-site.ts'
import { deployModel } from './commands/deploy-model.ts'
import { explainDeployment } from './commands/explain-deployment.ts'
import { inferModel } from './commands/infer-model.ts'
import { labelDevice } from './commands/label-device.ts'
import { listAudit } from './commands/list-audit.ts'
import { listDeployments } from './commands/list-deployments.ts'
import { listDeviceTokens } from './commands/list-device-tokens.ts'
import { listDevices } from './commands/list-devices.ts'
import { listKeys } from './commands/list-keys.ts'
import { listModels } from './commands/list-models.ts'
import { listRollouts } from './commands/list-rollouts.ts'
import { listSites } from './commands/list-sites.ts'
import { logIn } from './commands/log-in.ts'
import { pauseRollout } from './commands/pause-rollout.ts'
import { pullModel } from './commands/pull-model.ts'
import { pushModel } from './commands/push-model.ts'
import { removeDeployment } from './commands/remove-deployment.ts'
import { removeDevice } from './commands/remove-device.ts'
import { removeModel } from './commands/remove-model.ts'
import { removeSite } from './commands/remove-site.ts'
import { resumeDevice } from './commands/resume-device.ts'
import { resumeRollout } from './commands/resume-rollout.ts'
import { retryDevice } from './commands/retry-device.ts'
import { revokeDevice } from './commands/revoke-device.ts'
import { revokeDeviceToken } from './commands/revoke-device-token.ts'
import { revokeKey } from './commands/revoke-key.ts'
import { rollbackRollout } from './commands/rollback-rollout.ts'
import { runAgent } from './commands/run-agent.ts'
import { runHub } from './commands/run-hub.ts'
import { showDeployment } from './commands/show-deployment.ts'
import { showDevice } from './commands/show-device.ts'
import { showModel } from './commands/show-model.ts'
import { showRollout } from './commands/show-rollout.ts'
import { showSite } from './commands/show-site.ts'
import { showStatus } from './commands/show-status.ts'
import { showVersion } from './commands/show-version.ts'
import { verifyAudit } from './commands/verify-audit.ts'
import { verifyPulledModel } from './commands/verify-model.ts'
import { watchRolloutCommand } from './commands/watch-rollout.ts'

export const commands: readonly Command[] = [
  runHub,
  runAgent,
  logIn,
  showStatus,
  createSite,
  listSites,
  showSite,
  removeSite,
  createDeviceToken,
  listDeviceTokens,
  revokeDeviceToken,
  listDevices,
  showDevice,
  approveDevice,
  labelDevice,
  retryDevice,
  resumeDevice,
  revokeDevice,
  removeDevice,
  pushModel,
  listModels,
  showModel,
  aliasModel,
  pullModel,
  verifyPulledModel,
  removeModel,
  deployModel,
  applyManifests,
  listDeployments,
  showDeployment,
  explainDeployment,
  removeDeployment,
  listRollouts,
  showRollout,
  watchRolloutCommand,
  pauseRollout,
  resumeRollout,
  abortRollout,
  rollbackRollout,
  inferModel,
  createKey,
  listKeys,
  revokeKey,
  listAudit,
  verifyAudit,
  completeShell,
  showVersion,
]
