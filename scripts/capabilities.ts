/**
 * Capabilities: for each noun of the API and each page of the console, the test across processes that shows it in the
 * quick tier. A new noun or page does not compile without a row. The protocols of sources and sinks have theirs in the
 * conformance tests of the connectors, whose tables are complete by type.
 */
import type { api } from '@skerry/contract/api'
import type { CONSOLE_PAGES } from '@skerry/contract/console-pages'

export const nounTests: Record<keyof typeof api, string> = {
  hub: 'apps/hub/test/process.test.ts',
  organisation: 'apps/hub/test/organisations.test.ts',
  key: 'apps/cli/test/access.test.ts',
  session: 'apps/hub/test/sessions.test.ts',
  account: 'apps/hub/test/logins.test.ts',
  user: 'apps/hub/test/people.test.ts',
  invitation: 'apps/hub/test/people.test.ts',
  role: 'apps/hub/test/roles.test.ts',
  approval: 'apps/hub/test/approvals.test.ts',
  audit: 'apps/hub/test/audit.test.ts',
  intrusion: 'apps/hub/test/intrusion.test.ts',
  site: 'apps/hub/test/fleet.test.ts',
  token: 'apps/hub/test/joining.test.ts',
  device: 'apps/hub/test/fleet.test.ts',
  expected: 'apps/hub/test/expected-devices.test.ts',
  selector: 'apps/hub/test/fleet.test.ts',
  upload: 'apps/hub/test/blobs.test.ts',
  model: 'apps/hub/test/models.test.ts',
  deployment: 'apps/hub/test/deployments.test.ts',
  rollout: 'test/gates.test.ts',
  batch: 'apps/cli/test/batches.test.ts',
  secret: 'apps/cli/test/secrets.test.ts',
  source: 'apps/cli/test/sources-on-devices.test.ts',
  sink: 'apps/cli/test/sinks-on-devices.test.ts',
  flow: 'apps/cli/test/flows-on-devices.test.ts',
  signingKey: 'apps/hub/test/trust.test.ts',
  trust: 'apps/hub/test/trust.test.ts',
  authority: 'apps/hub/test/authorities.test.ts',
  telemetry: 'apps/hub/test/telemetry.test.ts',
}

export const pageTests: Record<(typeof CONSOLE_PAGES)[number], string> = {
  'sign-in': 'test/web-console.test.ts',
  join: 'test/web-joining.test.ts',
  reset: 'test/web-people.test.ts',
  'second-factor': 'test/web-account.test.ts',
  account: 'test/web-account.test.ts',
  sso: 'test/web-people-settings.test.ts',
  connect: 'test/web-connect.test.ts',
  sites: 'test/web-sites.test.ts',
  devices: 'test/web-device.test.ts',
  models: 'test/web-models.test.ts',
  deploy: 'test/web-deploy.test.ts',
  deployments: 'test/web-deployments.test.ts',
  rollouts: 'test/web-console.test.ts',
  batches: 'test/web-batches.test.ts',
  sources: 'test/web-sources.test.ts',
  sinks: 'test/web-sinks.test.ts',
  flows: 'test/web-flows.test.ts',
  audit: 'test/web-audit.test.ts',
  approvals: 'test/web-approvals.test.ts',
  security: 'test/web-security.test.ts',
  settings: 'test/web-people-settings.test.ts',
}
