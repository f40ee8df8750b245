/** Command groups: what the words mean that stand before several commands. */
import type { KindRow } from '../kinds/kind-row.ts'
import { kindRows } from '../kinds/kinds.ts'

const groupsOfKinds = Object.fromEntries(
  Object.entries<KindRow>(kindRows).flatMap(([kind, { commands }]) => (commands ? [[kind, commands.group]] : [])),
)

export const groups: Readonly<Record<string, string>> = {
  site: 'Sites: the locations that devices stand at',
  device: 'Devices: the computers that run an agent',
  'device token': 'Join tokens: what devices join with',
  model: 'Models, their signed versions, and the aliases that point to them',
  selector: 'Selectors: which devices an expression picks',
  deployment: 'Deployments: what runs where',
  rollout: 'Rollouts: one revision of a deployment on its way through the fleet',
  batch: 'Batches: one command for many devices, signed, with a result for each',
  source: 'Sources: industrial equipment, set for places and run by devices, or tried from this machine',
  tag: 'Tags of sources, as CSV',
  sink: 'Sinks: where values go, set for places and run by devices',
  flow: 'Flows: from the tags of sources over windows and models to decisions and sinks',
  ...groupsOfKinds,
  user: 'People: who may sign in, as what, and where they are signed in',
  role: 'Roles: what people and keys may do, and where',
  approval: 'Approvals: what needs two people, and what waits for the second',
  key: 'API keys',
  'signing-key': 'Signing keys: whose signatures on models count',
  trust: 'Rules of trust: which models need the signatures of which keys',
  secret: 'Secrets: values for devices that nobody can read back',
  org: 'Organisations: your own, and those of the hub for its operators',
  certificate: 'Certificates and keys of the hub',
  audit: 'The audit trail: who did what',
  intrusion: 'Intrusion detection: what was found, and what is looked for',
  'intrusion webhook': 'The webhook that is told of findings',
}
