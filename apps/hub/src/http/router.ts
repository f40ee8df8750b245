/** Router: every procedure of the contract with its handler. One that is missing does not compile. */
import type { Router } from '@orpc/server'
import type { api } from '@skerry/contract/api'
import { hubHandlers } from '../about/about-handlers.ts'
import { approvalHandlers } from '../approvals/approval-handlers.ts'
import { archiveHandlers } from '../audit/archive-handlers.ts'
import { auditHandlers } from '../audit/audit-handlers.ts'
import { authorityHandlers } from '../authorities/authority-handlers.ts'
import { batchHandlers } from '../batches/batch-handlers.ts'
import { commandHandlers } from '../commands/command-handlers.ts'
import { flowLookHandlers, sourceLookHandlers } from '../commands/look-handlers.ts'
import { sourceCommandHandlers } from '../commands/source-command-handlers.ts'
import { sinkHandlers, sourceHandlers } from '../connections/connection-handlers.ts'
import { deploymentHandlers } from '../deployments/deployment-handlers.ts'
import { deviceHandlers, deviceStandingHandlers } from '../devices/device-handlers.ts'
import { intrusionHandlers } from '../intrusion/intrusion-handlers.ts'
import { intrusionWebhookHandlers } from '../intrusion/intrusion-webhook-handlers.ts'
import { expectedHandlers } from '../joining/expected-handlers.ts'
import { keyHandlers } from '../keys/key-handlers.ts'
import { loginHandlers } from '../logins/login-handlers.ts'
import { ownKeyHandlers } from '../logins/own-key-handlers.ts'
import { modelHandlers } from '../models/model-handlers.ts'
import { organisationHandlers } from '../organisations/organisation-handlers.ts'
import { accountHandlers } from '../people/account-handlers.ts'
import { factorHandlers } from '../people/factor-handlers.ts'
import { invitationHandlers } from '../people/invitation-handlers.ts'
import { joinHandlers } from '../people/join-handlers.ts'
import { membershipHandlers } from '../people/membership-handlers.ts'
import { passkeyHandlers } from '../people/passkey-handlers.ts'
import { resetHandlers } from '../people/reset-handlers.ts'
import { userHandlers } from '../people/user-handlers.ts'
import { roleHandlers } from '../roles/role-handlers.ts'
import { rolloutHandlers } from '../rollouts/rollout-handlers.ts'
import { secretHandlers } from '../secrets/secret-handlers.ts'
import { selectorHandlers } from '../selectors/selector-handlers.ts'
import { sessionHandlers } from '../sessions/session-handlers.ts'
import { siteHandlers } from '../sites/site-handlers.ts'
import { providerHandlers } from '../sso/provider-handlers.ts'
import { unlinkHandlers } from '../sso/unlink-provider.ts'
import { syslogHandlers } from '../syslog/syslog-handlers.ts'
import { telemetryHandlers } from '../telemetry/telemetry-handlers.ts'
import { tokenHandlers } from '../tokens/token-handlers.ts'
import { signingKeyHandlers, trustHandlers } from '../trust/trust-handlers.ts'
import { uploadHandlers } from '../uploads/upload-handlers.ts'
import type { OpenCall } from './call.ts'
import { openOs } from './implementer.ts'

export const router: Router<typeof api, OpenCall> = openOs.router({
  hub: hubHandlers,
  organisation: organisationHandlers,
  key: keyHandlers,
  session: sessionHandlers,
  account: {
    ...{ ...accountHandlers, ...factorHandlers, ...joinHandlers, ...passkeyHandlers, ...resetHandlers },
    ...{ ...providerHandlers, ...unlinkHandlers, ...loginHandlers, ...ownKeyHandlers, ...membershipHandlers },
  },
  user: userHandlers,
  invitation: invitationHandlers,
  role: roleHandlers,
  approval: approvalHandlers,
  audit: { ...auditHandlers, ...archiveHandlers, ...syslogHandlers },
  intrusion: { ...intrusionHandlers, ...intrusionWebhookHandlers },
  site: siteHandlers,
  token: tokenHandlers,
  device: { ...deviceHandlers, ...deviceStandingHandlers, ...commandHandlers },
  expected: expectedHandlers,
  selector: selectorHandlers,
  upload: uploadHandlers,
  model: modelHandlers,
  deployment: deploymentHandlers,
  rollout: rolloutHandlers,
  batch: batchHandlers,
  secret: secretHandlers,
  source: { ...sourceHandlers, ...sourceCommandHandlers, ...sourceLookHandlers },
  sink: sinkHandlers,
  flow: flowLookHandlers,
  signingKey: signingKeyHandlers,
  trust: trustHandlers,
  authority: authorityHandlers,
  telemetry: telemetryHandlers,
})
