/** Command groups: the meaning of a word that several commands begin with. */
import type { KindRow } from '../kinds/kind-row.ts'
import { kindRows } from '../kinds/kinds.ts'

const groupsOfKinds = Object.fromEntries(
  Object.entries<KindRow>(kindRows).flatMap(([kind, { commands }]) => (commands ? [[kind, commands.group]] : [])),
)

export const groups: Readonly<Record<string, string>> = {
  site: 'Sites: the locations of devices',
  device: 'Devices: the computers that run an agent',
  access: 'Remote access: grants, sessions and recordings',
  'device token': 'Join tokens: devices join with them',
  model: 'Models, their signed versions, and aliases of versions',
  build: 'Builds: smaller and faster forms of a version',
  optimisation: 'Optimisations: runs that make builds',
  monitor: 'Monitors: how far the values of a model have moved from its reference',
  route: 'Routes: names under which callers reach models through gateways',
  campaign: 'Campaigns: devices train a model on data that stays on them',
  learn: 'Learn normal: a device learns from its tags, and an alarm comes out',
  capture: 'Captures: rows of a model that devices keep for review, and their labels',
  selector: 'Selectors: expressions that pick devices',
  deployment: 'Deployments: which version runs on which devices',
  placement: 'Placements: the policy by which the hub chooses the devices of a deployment',
  rollout: 'Rollouts: one revision of a deployment as it reaches the fleet',
  batch: 'Batches: one signed command for many devices, with a result for each',
  source: 'Sources: industrial equipment, set for an organisation, a site or a device, or tried from this machine',
  tag: 'Tags of sources, as CSV',
  sink: 'Sinks: destinations of values, set for an organisation, a site or a device',
  flow: 'Flows: from tags through windows and models to decisions and sinks',
  ...groupsOfKinds,
  market: 'The marketplace: listings of signed catalogues, their installation and publication',
  'market catalogue': 'Catalogues: signed folders of listings that the hub subscribes to',
  user: 'People: accounts, their roles and their sessions',
  role: 'Roles: permissions of people and keys, and their scope',
  approval: 'Approvals: rules for two people, and pending requests',
  key: 'API keys',
  'signing-key': 'Signing keys: keys whose signatures on models are trusted',
  trust: 'Rules of trust: the signatures that models need',
  secret: 'Secrets: values for devices; nobody can read them back',
  org: 'Organisations: your own, and those of the hub for its operators',
  certificate: 'Certificates and keys of the hub',
  audit: 'The audit trail: all actions, with their actors',
  intrusion: 'Intrusion detection: findings and rules',
  'intrusion webhook': 'The webhook that receives findings',
}
