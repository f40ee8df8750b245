/** Command list: every command, in the order in which help and reference show them. */

import type { Command } from './command.ts'
import { abortRollout } from './commands/abort-rollout.ts'
import { addSigningKey } from './commands/add-signing-key.ts'
import { aliasModel } from './commands/alias-model.ts'
import { applyManifests } from './commands/apply-manifest.ts'
import { approveApproval } from './commands/approve-approval.ts'
import { approveDevice } from './commands/approve-device.ts'
import { approveRollout } from './commands/approve-rollout.ts'
import { archiveAudit } from './commands/archive-audit.ts'
import { cancelBatch } from './commands/cancel-batch.ts'
import { cancelCertificate } from './commands/cancel-certificate.ts'
import { completeShell } from './commands/complete-shell.ts'
import { createBatch } from './commands/create-batch.ts'
import { createDeviceToken } from './commands/create-device-token.ts'
import { createKey } from './commands/create-key.ts'
import { createRole } from './commands/create-role.ts'
import { createSite } from './commands/create-site.ts'
import { denyApproval } from './commands/deny-approval.ts'
import { denyDevice } from './commands/deny-device.ts'
import { deployModel } from './commands/deploy-model.ts'
import { diffModel } from './commands/diff-model.ts'
import { dismissIntrusion } from './commands/dismiss-intrusion.ts'
import { editRole } from './commands/edit-role.ts'
import { endUserSession } from './commands/end-user-session.ts'
import { explainDeployment } from './commands/explain-deployment.ts'
import { exportAudit } from './commands/export-audit.ts'
import { importCertificate } from './commands/import-certificate.ts'
import { inferModel } from './commands/infer-model.ts'
import { inviteUser } from './commands/invite-user.ts'
import { labelDevice } from './commands/label-device.ts'
import { listAlerts } from './commands/list-alerts.ts'
import { listApprovals } from './commands/list-approvals.ts'
import { listAudit } from './commands/list-audit.ts'
import { listBatches } from './commands/list-batches.ts'
import { listCertificates } from './commands/list-certificates.ts'
import { listCheckpoints } from './commands/list-checkpoints.ts'
import { listConflicts } from './commands/list-conflicts.ts'
import { listDeployments } from './commands/list-deployments.ts'
import { listDeviceEvents } from './commands/list-device-events.ts'
import { listDeviceLogs } from './commands/list-device-logs.ts'
import { listDeviceTokens } from './commands/list-device-tokens.ts'
import { listDevices } from './commands/list-devices.ts'
import { listIntrusionRules } from './commands/list-intrusion-rules.ts'
import { listIntrusions } from './commands/list-intrusions.ts'
import { listInvitations } from './commands/list-invitations.ts'
import { listKeys } from './commands/list-keys.ts'
import { listModelDevices } from './commands/list-model-devices.ts'
import { listModels } from './commands/list-models.ts'
import { listPreauthorisedDevices } from './commands/list-preauthorised-devices.ts'
import { listRevisions } from './commands/list-revisions.ts'
import { listRoles } from './commands/list-roles.ts'
import { listRolloutEvents } from './commands/list-rollout-events.ts'
import { listRollouts } from './commands/list-rollouts.ts'
import { listSecrets } from './commands/list-secrets.ts'
import { listSelectorValues } from './commands/list-selector-values.ts'
import { listSigningKeys } from './commands/list-signing-keys.ts'
import { listSites } from './commands/list-sites.ts'
import { listUserSessions } from './commands/list-user-sessions.ts'
import { listUsers } from './commands/list-users.ts'
import { listWaitingDevices } from './commands/list-waiting-devices.ts'
import { logIn } from './commands/log-in.ts'
import { logOut } from './commands/log-out.ts'
import { pauseRollout } from './commands/pause-rollout.ts'
import { preauthoriseDevices } from './commands/preauthorise-devices.ts'
import { pruneAudit } from './commands/prune-audit.ts'
import { pullModel } from './commands/pull-model.ts'
import { pushModel } from './commands/push-model.ts'
import { quarantineDevice } from './commands/quarantine-device.ts'
import { rekeySecrets } from './commands/rekey-secrets.ts'
import { releaseDevice } from './commands/release-device.ts'
import { removeDeployment } from './commands/remove-deployment.ts'
import { removeDevice } from './commands/remove-device.ts'
import { removeIntrusionWebhook } from './commands/remove-intrusion-webhook.ts'
import { removeModel } from './commands/remove-model.ts'
import { removePreauthorisedDevice } from './commands/remove-preauthorised-device.ts'
import { removeRole } from './commands/remove-role.ts'
import { removeSecret } from './commands/remove-secret.ts'
import { removeSite } from './commands/remove-site.ts'
import { removeUser } from './commands/remove-user.ts'
import { reportBatch } from './commands/report-batch.ts'
import { requestCertificate } from './commands/request-certificate.ts'
import { resumeDevice } from './commands/resume-device.ts'
import { resumeRollout } from './commands/resume-rollout.ts'
import { retireCertificate } from './commands/retire-certificate.ts'
import { retireSigningKey } from './commands/retire-signing-key.ts'
import { retryDevice } from './commands/retry-device.ts'
import { retryFailedBatch } from './commands/retry-failed-batch.ts'
import { retryRollout } from './commands/retry-rollout.ts'
import { revokeDevice } from './commands/revoke-device.ts'
import { revokeDeviceToken } from './commands/revoke-device-token.ts'
import { revokeInvitation } from './commands/revoke-invitation.ts'
import { revokeKey } from './commands/revoke-key.ts'
import { revokeSigningKey } from './commands/revoke-signing-key.ts'
import { rollbackRollout } from './commands/rollback-rollout.ts'
import { rotateCertificate } from './commands/rotate-certificate.ts'
import { rotateSigningKey } from './commands/rotate-signing-key.ts'
import { runAgent } from './commands/run-agent.ts'
import { runHub } from './commands/run-hub.ts'
import { sendBatch } from './commands/send-batch.ts'
import { setApprovalRules } from './commands/set-approval-rules.ts'
import { setAuditRetention } from './commands/set-audit-retention.ts'
import { setAuditSyslog } from './commands/set-audit-syslog.ts'
import { setIntrusionRule } from './commands/set-intrusion-rule.ts'
import { setIntrusionWebhook } from './commands/set-intrusion-webhook.ts'
import { setJoiningRules } from './commands/set-joining-rules.ts'
import { setSecret } from './commands/set-secret.ts'
import { setSignInRules } from './commands/set-sign-in-rules.ts'
import { setTrust } from './commands/set-trust.ts'
import { setUserRole } from './commands/set-user-role.ts'
import { showApproval } from './commands/show-approval.ts'
import { showAuditKey } from './commands/show-audit-key.ts'
import { showBatch } from './commands/show-batch.ts'
import { showCertificateStatus } from './commands/show-certificate-status.ts'
import { showDeployment } from './commands/show-deployment.ts'
import { showDevice } from './commands/show-device.ts'
import { showHealth } from './commands/show-health.ts'
import { showIntrusion } from './commands/show-intrusion.ts'
import { showIntrusionWebhook } from './commands/show-intrusion-webhook.ts'
import { showModel } from './commands/show-model.ts'
import { showModelSbom } from './commands/show-model-sbom.ts'
import { showModelTrust } from './commands/show-model-trust.ts'
import { showRole } from './commands/show-role.ts'
import { showRollout } from './commands/show-rollout.ts'
import { showSecret } from './commands/show-secret.ts'
import { showSite } from './commands/show-site.ts'
import { showStatus } from './commands/show-status.ts'
import { showTelemetry } from './commands/show-telemetry.ts'
import { showTrust } from './commands/show-trust.ts'
import { showUser } from './commands/show-user.ts'
import { showVersion } from './commands/show-version.ts'
import { signAudit } from './commands/sign-audit.ts'
import { signBatch } from './commands/sign-batch.ts'
import { signVersion } from './commands/sign-model.ts'
import { signModelFiles } from './commands/sign-model-files.ts'
import { simulateDevices } from './commands/simulate-devices.ts'
import { testIntrusionWebhook } from './commands/test-intrusion-webhook.ts'
import { testSelector } from './commands/test-selector.ts'
import { undoIntrusion } from './commands/undo-intrusion.ts'
import { verifyAudit } from './commands/verify-audit.ts'
import { verifyPulledModel } from './commands/verify-model.ts'
import { watchRolloutCommand } from './commands/watch-rollout.ts'
import { whoAmI } from './commands/who-am-i.ts'
import { wipeDevice } from './commands/wipe-device.ts'
import { flowCommands } from './flow-commands.ts'
import { kindCommands } from './kinds/kind-commands.ts'
import { organisationCommands } from './organisation-commands.ts'
import { sinkCommands } from './sink-commands.ts'
import { sourceCommands } from './source-commands.ts'

export const commands: readonly Command[] = [
  runHub,
  runAgent,
  logIn,
  logOut,
  whoAmI,
  showStatus,
  showHealth,
  listAlerts,
  createSite,
  listSites,
  showSite,
  removeSite,
  createDeviceToken,
  listDeviceTokens,
  revokeDeviceToken,
  listDevices,
  showDevice,
  listDeviceLogs,
  listDeviceEvents,
  showTelemetry,
  listWaitingDevices,
  approveDevice,
  denyDevice,
  setJoiningRules,
  preauthoriseDevices,
  listPreauthorisedDevices,
  removePreauthorisedDevice,
  labelDevice,
  retryDevice,
  resumeDevice,
  quarantineDevice,
  releaseDevice,
  wipeDevice,
  revokeDevice,
  removeDevice,
  pushModel,
  listModels,
  showModel,
  showModelSbom,
  diffModel,
  listModelDevices,
  aliasModel,
  showModelTrust,
  signVersion,
  pullModel,
  verifyPulledModel,
  removeModel,
  testSelector,
  listSelectorValues,
  deployModel,
  applyManifests,
  listDeployments,
  showDeployment,
  listRevisions,
  listConflicts,
  explainDeployment,
  removeDeployment,
  listRollouts,
  showRollout,
  listRolloutEvents,
  watchRolloutCommand,
  pauseRollout,
  resumeRollout,
  approveRollout,
  retryRollout,
  abortRollout,
  rollbackRollout,
  createBatch,
  listBatches,
  signBatch,
  sendBatch,
  showBatch,
  reportBatch,
  retryFailedBatch,
  cancelBatch,
  inferModel,
  inviteUser,
  listUsers,
  showUser,
  setUserRole,
  removeUser,
  listInvitations,
  revokeInvitation,
  listUserSessions,
  endUserSession,
  setSignInRules,
  listRoles,
  showRole,
  createRole,
  editRole,
  removeRole,
  listApprovals,
  showApproval,
  approveApproval,
  denyApproval,
  setApprovalRules,
  createKey,
  listKeys,
  revokeKey,
  listSigningKeys,
  addSigningKey,
  rotateSigningKey,
  retireSigningKey,
  revokeSigningKey,
  signModelFiles,
  showTrust,
  setTrust,
  setSecret,
  listSecrets,
  showSecret,
  removeSecret,
  rekeySecrets,
  ...organisationCommands,
  listCertificates,
  showCertificateStatus,
  requestCertificate,
  importCertificate,
  rotateCertificate,
  retireCertificate,
  cancelCertificate,
  listAudit,
  verifyAudit,
  listIntrusions,
  showIntrusion,
  dismissIntrusion,
  undoIntrusion,
  listIntrusionRules,
  setIntrusionRule,
  setIntrusionWebhook,
  showIntrusionWebhook,
  removeIntrusionWebhook,
  testIntrusionWebhook,
  exportAudit,
  listCheckpoints,
  signAudit,
  showAuditKey,
  setAuditSyslog,
  archiveAudit,
  pruneAudit,
  setAuditRetention,
  simulateDevices,
  ...sourceCommands,
  ...sinkCommands,
  ...flowCommands,
  ...kindCommands,
  completeShell,
  showVersion,
]
