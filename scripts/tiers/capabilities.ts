/**
 * Capabilities: for each noun of the API and each page of the console, the test across processes that shows it in the
 * quick tier. A new noun or page does not compile without a row. The protocols of sources and sinks have theirs in the
 * conformance tests of the connectors, whose tables are complete by type.
 */
import type { api } from '@skerry/contract/api'
import type { CONSOLE_PAGES } from '@skerry/contract/hub/console-pages'

export const nounTests: Record<keyof typeof api, string> = {
  hub: 'apps/hub/test/base/process.test.ts',
  organisation: 'apps/hub/test/access/organisations.test.ts',
  key: 'apps/cli/test/access.test.ts',
  session: 'apps/hub/test/access/sessions.test.ts',
  account: 'apps/hub/test/access/logins.test.ts',
  user: 'apps/hub/test/access/people.test.ts',
  invitation: 'apps/hub/test/access/people.test.ts',
  role: 'apps/hub/test/access/roles.test.ts',
  approval: 'apps/hub/test/access/approvals.test.ts',
  audit: 'apps/hub/test/operate/audit.test.ts',
  intrusion: 'apps/hub/test/operate/intrusion.test.ts',
  site: 'apps/hub/test/fleet/fleet.test.ts',
  token: 'apps/hub/test/fleet/joining.test.ts',
  device: 'apps/hub/test/fleet/fleet.test.ts',
  expected: 'apps/hub/test/fleet/expected-devices.test.ts',
  selector: 'apps/hub/test/fleet/fleet.test.ts',
  upload: 'apps/hub/test/base/blobs.test.ts',
  model: 'apps/hub/test/operate/models.test.ts',
  build: 'test/models/builds.test.ts',
  monitor: 'test/models/monitors.test.ts',
  profile: 'test/models/monitors.test.ts',
  optimisation: 'apps/hub/test/operate/optimisation.test.ts',
  deployment: 'apps/hub/test/operate/deployments.test.ts',
  rollout: 'test/gates.test.ts',
  batch: 'apps/cli/test/batches.test.ts',
  secret: 'apps/cli/test/secrets.test.ts',
  source: 'apps/cli/test/equipment/sources-on-devices.test.ts',
  sink: 'apps/cli/test/equipment/sinks-on-devices.test.ts',
  flow: 'apps/cli/test/equipment/flows-on-devices.test.ts',
  app: 'test/apps/apps.test.ts',
  signingKey: 'apps/hub/test/operate/trust.test.ts',
  trust: 'apps/hub/test/operate/trust.test.ts',
  authority: 'apps/hub/test/fleet/authorities.test.ts',
  telemetry: 'apps/hub/test/operate/telemetry.test.ts',
}

export const pageTests: Record<(typeof CONSOLE_PAGES)[number], string> = {
  'sign-in': 'test/web/fleet/console.test.ts',
  join: 'test/web/fleet/joining.test.ts',
  reset: 'test/web/access/people.test.ts',
  'second-factor': 'test/web/access/account.test.ts',
  account: 'test/web/access/account.test.ts',
  sso: 'test/web/access/people-settings.test.ts',
  connect: 'test/web/access/connect.test.ts',
  sites: 'test/web/fleet/sites.test.ts',
  devices: 'test/web/fleet/device.test.ts',
  monitors: 'test/web/models/monitors.test.ts',
  models: 'test/web/models/models.test.ts',
  deploy: 'test/web/models/deploy.test.ts',
  deployments: 'test/web/models/deployments.test.ts',
  rollouts: 'test/web/fleet/console.test.ts',
  batches: 'test/web/fleet/batches.test.ts',
  sources: 'test/web/equipment/sources.test.ts',
  sinks: 'test/web/equipment/sinks.test.ts',
  flows: 'test/web/equipment/flows.test.ts',
  audit: 'test/web/access/audit.test.ts',
  approvals: 'test/web/access/approvals.test.ts',
  security: 'test/web/access/security.test.ts',
  settings: 'test/web/access/people-settings.test.ts',
}
