/**
 * Nouns: all of the hub's nouns, and the tables that the hub folds from them. A new noun is a folder with a noun.ts,
 * and one line here.
 */
import type { Router } from '@orpc/server'
import type { api } from '@skerry/contract/api'
import { aboutNoun } from '../about/noun.ts'
import { accessNoun } from '../access/noun.ts'
import { alertNoun } from '../alerts/noun.ts'
import { approvalNoun } from '../approvals/noun.ts'
import { auditNoun } from '../audit/noun.ts'
import { authorityNoun } from '../authorities/noun.ts'
import { batchNoun } from '../batches/noun.ts'
import { blobNoun } from '../blobs/noun.ts'
import { buildNoun } from '../builds/noun.ts'
import { campaignNoun } from '../campaigns/noun.ts'
import { captureNoun } from '../captures/noun.ts'
import { commandNoun } from '../commands/noun.ts'
import { connectionNoun } from '../connections/noun.ts'
import { ddiNoun } from '../ddi/noun.ts'
import { deploymentNoun } from '../deployments/noun.ts'
import { desiredNoun } from '../desired/noun.ts'
import { deviceNoun } from '../devices/noun.ts'
import { encryptionNoun } from '../encryption/noun.ts'
import { gitSourceNoun } from '../git-sources/noun.ts'
import { groupNoun } from '../groups/noun.ts'
import type { OpenCall } from '../http/call.ts'
import { intrusionNoun } from '../intrusion/noun.ts'
import { joiningNoun } from '../joining/noun.ts'
import { keyNoun } from '../keys/noun.ts'
import { languageNoun } from '../language-models/noun.ts'
import { learningNoun } from '../learning/noun.ts'
import { ledgerNoun } from '../ledger/noun.ts'
import { loginNoun } from '../logins/noun.ts'
import { marketNoun } from '../market/noun.ts'
import { modelFeedNoun } from '../model-feeds/noun.ts'
import { modelNoun } from '../models/noun.ts'
import { monitorNoun } from '../monitors/noun.ts'
import { organisationNoun } from '../organisations/noun.ts'
import { pairNoun } from '../pairs/noun.ts'
import { peopleNoun } from '../people/noun.ts'
import { placeNoun } from '../places/noun.ts'
import { registryNoun } from '../registry/noun.ts'
import { roleNoun } from '../roles/noun.ts'
import { rolloutNoun } from '../rollouts/noun.ts'
import { routeNoun } from '../routes/noun.ts'
import { scalingNoun } from '../scaling/noun.ts'
import { secretNoun } from '../secrets/noun.ts'
import { selectorNoun } from '../selectors/noun.ts'
import { sessionNoun } from '../sessions/noun.ts'
import { settingsNoun } from '../settings/noun.ts'
import { siteNoun } from '../sites/noun.ts'
import { ssoNoun } from '../sso/noun.ts'
import { syslogNoun } from '../syslog/noun.ts'
import { systemNoun } from '../systems/noun.ts'
import { telemetryNoun } from '../telemetry/noun.ts'
import { testReportNoun } from '../test-reports/noun.ts'
import { tokenNoun } from '../tokens/noun.ts'
import { trafficNoun } from '../traffic/noun.ts'
import { trustNoun } from '../trust/noun.ts'
import { uploadNoun } from '../uploads/noun.ts'
import { vulnerabilityNoun } from '../vulnerabilities/noun.ts'
import { foldFacts, foldHandlers, listOf } from './fold-nouns.ts'
import type { NounFacts, StartEngine, Sweep } from './noun.ts'

/**
 * The purge of an organisation empties tables in this order. A noun with many rows comes before the nouns that its rows
 * refer to.
 */
const nouns = [
  aboutNoun,
  selectorNoun,
  authorityNoun,
  ledgerNoun,
  organisationNoun,
  auditNoun,
  syslogNoun,
  sessionNoun,
  peopleNoun,
  loginNoun,
  gitSourceNoun,
  modelFeedNoun,
  keyNoun,
  approvalNoun,
  accessNoun,
  ssoNoun,
  roleNoun,
  intrusionNoun,
  batchNoun,
  systemNoun,
  rolloutNoun,
  placeNoun,
  scalingNoun,
  deploymentNoun,
  desiredNoun,
  alertNoun,
  telemetryNoun,
  trafficNoun,
  monitorNoun,
  languageNoun,
  campaignNoun,
  learningNoun,
  settingsNoun,
  pairNoun,
  captureNoun,
  routeNoun,
  groupNoun,
  secretNoun,
  connectionNoun,
  marketNoun,
  commandNoun,
  joiningNoun,
  buildNoun,
  ddiNoun,
  deviceNoun,
  tokenNoun,
  siteNoun,
  uploadNoun,
  registryNoun,
  vulnerabilityNoun,
  testReportNoun,
  modelNoun,
  blobNoun,
  trustNoun,
  encryptionNoun,
] as const

/** A procedure of the contract without a handler does not compile. */
export const handlers: Router<typeof api, OpenCall> = foldHandlers(nouns)

/** An entity without a tag, or a place without a scope, does not compile. */
export const nounFacts: NounFacts = foldFacts(nouns)

export const sweeps: readonly Sweep[] = listOf(nouns, 'sweeps')

export const engines: readonly StartEngine[] = listOf(nouns, 'engines')
