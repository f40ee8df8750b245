/** Command list: every command, in the order in which help and reference show them. */

import { accessCommands } from '../commands/access/access-commands.ts'
import { agentCommands } from '../commands/agents/agent-commands.ts'
import { alertCommands } from '../commands/alerts/alert-commands.ts'
import { approveApproval } from '../commands/approvals/approve.ts'
import { denyApproval } from '../commands/approvals/deny.ts'
import { listApprovals } from '../commands/approvals/ls.ts'
import { setApprovalRules } from '../commands/approvals/rules.ts'
import { showApproval } from '../commands/approvals/show.ts'
import { appCommands } from '../commands/apps/app-commands.ts'
import { archiveAudit } from '../commands/audit/archive.ts'
import { listCheckpoints } from '../commands/audit/checkpoints.ts'
import { exportAudit } from '../commands/audit/export.ts'
import { showAuditKey } from '../commands/audit/key.ts'
import { listAudit } from '../commands/audit/ls.ts'
import { pruneAudit } from '../commands/audit/prune.ts'
import { setAuditRetention } from '../commands/audit/retention.ts'
import { signAudit } from '../commands/audit/sign.ts'
import { setAuditSyslog } from '../commands/audit/syslog.ts'
import { verifyAudit } from '../commands/audit/verify.ts'
import { cancelCertificate } from '../commands/authorities/cancel.ts'
import { importCertificate } from '../commands/authorities/import.ts'
import { listCertificates } from '../commands/authorities/ls.ts'
import { requestCertificate } from '../commands/authorities/request.ts'
import { retireCertificate } from '../commands/authorities/retire.ts'
import { rotateCertificate } from '../commands/authorities/rotate.ts'
import { showCertificateStatus } from '../commands/authorities/status.ts'
import { cancelBatch } from '../commands/batches/cancel.ts'
import { createBatch } from '../commands/batches/create.ts'
import { listBatches } from '../commands/batches/ls.ts'
import { reportBatch } from '../commands/batches/report.ts'
import { retryFailedBatch } from '../commands/batches/retry-failed.ts'
import { sendBatch } from '../commands/batches/send.ts'
import { showBatch } from '../commands/batches/show.ts'
import { signBatch } from '../commands/batches/sign.ts'
import { buildCommands } from '../commands/builds/build-commands.ts'
import { campaignCommands } from '../commands/campaigns/campaign-commands.ts'
import { captureCommands } from '../commands/captures/capture-commands.ts'
import { attestVersion } from '../commands/checks/attest.ts'
import { initProject } from '../commands/checks/init.ts'
import { testModel } from '../commands/checks/test.ts'
import { listTestRules, setTestRules } from '../commands/checks/test-rules.ts'
import { listModelTests } from '../commands/checks/tests.ts'
import { contextCommands } from '../commands/contexts/context-commands.ts'
import { pushData } from '../commands/data/push.ts'
import { applyManifests } from '../commands/deployments/apply.ts'
import { listConflicts } from '../commands/deployments/conflicts.ts'
import { deployModel } from '../commands/deployments/deploy.ts'
import { explainDeployment } from '../commands/deployments/explain.ts'
import { listDeployments } from '../commands/deployments/ls.ts'
import { listRevisions } from '../commands/deployments/revisions.ts'
import { removeDeployment } from '../commands/deployments/rm.ts'
import { rollBackDeployment } from '../commands/deployments/rollback.ts'
import { showDeployment } from '../commands/deployments/show.ts'
import { approveDevice } from '../commands/devices/approve.ts'
import { listDeviceClasses } from '../commands/devices/classes.ts'
import { ddiCommands } from '../commands/devices/ddi/ddi-commands.ts'
import { denyDevice } from '../commands/devices/deny.ts'
import { listDeviceEvents } from '../commands/devices/events.ts'
import { printInstallCommand } from '../commands/devices/install-command.ts'
import { labelDevice } from '../commands/devices/label.ts'
import { listDeviceLogs } from '../commands/devices/logs.ts'
import { listDevices } from '../commands/devices/ls.ts'
import { listWaitingDevices } from '../commands/devices/pending.ts'
import { preauthoriseDevices } from '../commands/devices/preauthorise.ts'
import { listPreauthorisedDevices } from '../commands/devices/preauthorised/ls.ts'
import { removePreauthorisedDevice } from '../commands/devices/preauthorised/rm.ts'
import { quarantineDevice } from '../commands/devices/quarantine.ts'
import { releaseDevice } from '../commands/devices/release.ts'
import { resumeDevice } from '../commands/devices/resume.ts'
import { retryDevice } from '../commands/devices/retry.ts'
import { revokeDevice } from '../commands/devices/revoke.ts'
import { removeDevice } from '../commands/devices/rm.ts'
import { setJoiningRules } from '../commands/devices/rules.ts'
import { showDevice } from '../commands/devices/show.ts'
import { createDeviceToken } from '../commands/devices/token/create.ts'
import { listDeviceTokens } from '../commands/devices/token/ls.ts'
import { revokeDeviceToken } from '../commands/devices/token/revoke.ts'
import { wipeDevice } from '../commands/devices/wipe.ts'
import { flowCommands } from '../commands/flows/flow-commands.ts'
import { gitSourceCommands } from '../commands/git-sources/git-source-commands.ts'
import { groupCommands } from '../commands/groups/group-commands.ts'
import { backUpHub } from '../commands/hub/backup/backup.ts'
import { restoreHub } from '../commands/hub/backup/restore.ts'
import { showHealth } from '../commands/hub/health.ts'
import { runMcpCommand } from '../commands/hub/mcp.ts'
import { showStatus } from '../commands/hub/status.ts'
import { showTelemetry } from '../commands/hub/telemetry.ts'
import { checkUpgrade } from '../commands/hub/upgrade.ts'
import { imageCommands } from '../commands/images/image-commands.ts'
import { dismissIntrusion } from '../commands/intrusion/dismiss.ts'
import { listIntrusions } from '../commands/intrusion/ls.ts'
import { listIntrusionRules } from '../commands/intrusion/rules.ts'
import { setIntrusionRule } from '../commands/intrusion/set.ts'
import { showIntrusion } from '../commands/intrusion/show.ts'
import { undoIntrusion } from '../commands/intrusion/undo.ts'
import { removeIntrusionWebhook } from '../commands/intrusion/webhook-rm.ts'
import { setIntrusionWebhook } from '../commands/intrusion/webhook-set.ts'
import { showIntrusionWebhook } from '../commands/intrusion/webhook-show.ts'
import { testIntrusionWebhook } from '../commands/intrusion/webhook-test.ts'
import { createKey } from '../commands/keys/create.ts'
import { listKeys } from '../commands/keys/ls.ts'
import { revokeKey } from '../commands/keys/revoke.ts'
import { askModel } from '../commands/language-models/ask.ts'
import { learningCommands } from '../commands/learning/learning-commands.ts'
import { marketCommands } from '../commands/market/market-commands.ts'
import { modelFeedCommands } from '../commands/model-feeds/model-feed-commands.ts'
import { aliasModel } from '../commands/models/alias.ts'
import { convertModelFile } from '../commands/models/convert.ts'
import { listModelDevices } from '../commands/models/devices.ts'
import { diffModel } from '../commands/models/diff.ts'
import { exportModel } from '../commands/models/export/export.ts'
import { importModel } from '../commands/models/import/import.ts'
import { inferModel } from '../commands/models/infer.ts'
import { listModels } from '../commands/models/ls.ts'
import { pullModel } from '../commands/models/pull.ts'
import { pushModel } from '../commands/models/push.ts'
import { removeModel } from '../commands/models/rm.ts'
import { showModelSbom } from '../commands/models/sbom.ts'
import { showModel } from '../commands/models/show.ts'
import { signVersion } from '../commands/models/sign.ts'
import { splitModelVersion } from '../commands/models/split/split.ts'
import { showModelTrust } from '../commands/models/trust.ts'
import { verifyPulledModel } from '../commands/models/verify.ts'
import { monitorCommands } from '../commands/monitors/monitor-commands.ts'
import { organisationCommands } from '../commands/organisations/organisation-commands.ts'
import { osCommands } from '../commands/os/os-commands.ts'
import { pairCommands } from '../commands/pairs/pair-commands.ts'
import { endUserSession } from '../commands/people/end-session.ts'
import { listInvitations } from '../commands/people/invitations.ts'
import { inviteUser } from '../commands/people/invite.ts'
import { listUsers } from '../commands/people/ls.ts'
import { removeUser } from '../commands/people/rm.ts'
import { setSignInRules } from '../commands/people/rules.ts'
import { listUserSessions } from '../commands/people/sessions.ts'
import { setUserRole } from '../commands/people/set-role.ts'
import { showUser } from '../commands/people/show.ts'
import { revokeInvitation } from '../commands/people/uninvite.ts'
import { placeCommands } from '../commands/places/place-commands.ts'
import { runAgent } from '../commands/programs/agent.ts'
import { completeWords } from '../commands/programs/complete.ts'
import { completeShell } from '../commands/programs/completion.ts'
import { runHub } from '../commands/programs/hub.ts'
import { simulateDevices } from '../commands/programs/simulate.ts'
import { showVersion } from '../commands/programs/version.ts'
import { createRole } from '../commands/roles/create.ts'
import { editRole } from '../commands/roles/edit.ts'
import { listRoles } from '../commands/roles/ls.ts'
import { removeRole } from '../commands/roles/rm.ts'
import { showRole } from '../commands/roles/show.ts'
import { abortRollout } from '../commands/rollouts/abort.ts'
import { approveRollout } from '../commands/rollouts/approve.ts'
import { listRolloutEvents } from '../commands/rollouts/events.ts'
import { listRollouts } from '../commands/rollouts/ls.ts'
import { pauseRollout } from '../commands/rollouts/pause.ts'
import { resumeRollout } from '../commands/rollouts/resume.ts'
import { retryRollout } from '../commands/rollouts/retry.ts'
import { rollbackRollout } from '../commands/rollouts/rollback.ts'
import { showRollout } from '../commands/rollouts/show.ts'
import { watchRolloutCommand } from '../commands/rollouts/watch.ts'
import { routeCommands } from '../commands/routes/route-commands.ts'
import { scalingCommands } from '../commands/scaling/scaling-commands.ts'
import { listSecrets } from '../commands/secrets/ls.ts'
import { rekeySecrets } from '../commands/secrets/rekey.ts'
import { removeSecret } from '../commands/secrets/rm.ts'
import { setSecret } from '../commands/secrets/set.ts'
import { showSecret } from '../commands/secrets/show.ts'
import { testSelector } from '../commands/selectors/test.ts'
import { listSelectorValues } from '../commands/selectors/values.ts'
import { logIn } from '../commands/sessions/login.ts'
import { logOut } from '../commands/sessions/logout.ts'
import { whoAmI } from '../commands/sessions/whoami.ts'
import { settingsCommands } from '../commands/settings/settings-commands.ts'
import { addSigningKey } from '../commands/signing-keys/add.ts'
import { listSigningKeys } from '../commands/signing-keys/ls.ts'
import { retireSigningKey } from '../commands/signing-keys/retire.ts'
import { revokeSigningKey } from '../commands/signing-keys/revoke.ts'
import { rotateSigningKey } from '../commands/signing-keys/rotate.ts'
import { signModelFiles } from '../commands/signing-keys/sign.ts'
import { sinkCommands } from '../commands/sinks/sink-commands.ts'
import { createSite } from '../commands/sites/create.ts'
import { listSites } from '../commands/sites/ls.ts'
import { removeSite } from '../commands/sites/rm.ts'
import { showSite } from '../commands/sites/show.ts'
import { sourceCommands } from '../commands/sources/source-commands.ts'
import { surveyCommands } from '../commands/surveys/survey-commands.ts'
import { pushSystem } from '../commands/systems/push.ts'
import { trafficCommands } from '../commands/traffic/traffic-commands.ts'
import { setTrust } from '../commands/trust/set.ts'
import { showTrust } from '../commands/trust/show.ts'
import { vulnerabilityCommands } from '../commands/vulnerabilities/vulnerability-commands.ts'
import { kindCommands } from '../kinds/kind-commands.ts'
import type { Command } from './command.ts'

export const commands: readonly Command[] = [
  runHub,
  backUpHub,
  restoreHub,
  checkUpgrade,
  runAgent,
  logIn,
  logOut,
  ...contextCommands,
  whoAmI,
  showStatus,
  showHealth,
  ...alertCommands,
  createSite,
  listSites,
  showSite,
  removeSite,
  printInstallCommand,
  createDeviceToken,
  listDeviceTokens,
  revokeDeviceToken,
  listDevices,
  listDeviceClasses,
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
  ...ddiCommands,
  pushModel,
  importModel,
  convertModelFile,
  initProject,
  testModel,
  listModels,
  showModel,
  showModelSbom,
  diffModel,
  listModelDevices,
  aliasModel,
  showModelTrust,
  signVersion,
  splitModelVersion,
  attestVersion,
  listModelTests,
  pullModel,
  exportModel,
  verifyPulledModel,
  removeModel,
  ...buildCommands,
  ...placeCommands,
  ...scalingCommands,
  ...routeCommands,
  ...monitorCommands,
  ...captureCommands,
  ...trafficCommands,
  ...accessCommands,
  ...campaignCommands,
  ...surveyCommands,
  ...learningCommands,
  ...gitSourceCommands,
  ...modelFeedCommands,
  ...groupCommands,
  ...pairCommands,
  ...settingsCommands,
  testSelector,
  listSelectorValues,
  deployModel,
  applyManifests,
  listDeployments,
  showDeployment,
  listRevisions,
  listConflicts,
  explainDeployment,
  rollBackDeployment,
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
  askModel,
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
  listTestRules,
  setTestRules,
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
  ...appCommands,
  ...imageCommands,
  ...vulnerabilityCommands,
  pushData,
  ...marketCommands,
  ...agentCommands,
  ...osCommands,
  pushSystem,
  ...kindCommands,
  runMcpCommand,
  completeShell,
  completeWords,
  showVersion,
]
