/** The API: one table that the server, the client, the reference and the OpenAPI document read. */
import type { HTTPMethod } from '@orpc/contract'
import { accountProcedures } from './api/access/account-procedures.ts'
import { approvalProcedures } from './api/access/approval-procedures.ts'
import { loginProcedures } from './api/access/login-procedures.ts'
import { membershipProcedures } from './api/access/membership-procedures.ts'
import { organisationProcedures } from './api/access/organisation-procedures.ts'
import { passkeyProcedures } from './api/access/passkey-procedures.ts'
import { providerProcedures } from './api/access/provider-procedures.ts'
import { roleProcedures } from './api/access/role-procedures.ts'
import { sessionProcedures } from './api/access/session-procedures.ts'
import { invitationProcedures, userProcedures } from './api/access/user-procedures.ts'
import { auditProcedures } from './api/audit-procedures.ts'
import { authorityProcedures } from './api/authority-procedures.ts'
import { buildProcedures, optimisationProcedures } from './api/build-procedures.ts'
import { campaignProcedures, surveyProcedures } from './api/campaign-procedures.ts'
import { captureProcedures } from './api/capture-procedures.ts'
import { sinkProcedures, sourceProcedures } from './api/connection-procedures.ts'
import { deploymentProcedures, rolloutProcedures } from './api/deployment-procedures.ts'
import { accessProcedures } from './api/fleet/access-procedures.ts'
import { alertProcedures } from './api/fleet/alert-procedures.ts'
import { appProcedures } from './api/fleet/app-procedures.ts'
import { batchProcedures } from './api/fleet/batch-procedures.ts'
import { ddiProcedures } from './api/fleet/ddi-procedures.ts'
import {
  deviceCommandProcedures,
  sinkCommandProcedures,
  sourceCommandProcedures,
} from './api/fleet/device-command-procedures.ts'
import { deviceProcedures, tokenProcedures } from './api/fleet/device-procedures.ts'
import { expectedProcedures } from './api/fleet/expected-procedures.ts'
import { gitSourceProcedures } from './api/fleet/git-source-procedures.ts'
import { groupProcedures } from './api/fleet/group-procedures.ts'
import { imageProcedures } from './api/fleet/image-procedures.ts'
import { languageProcedures } from './api/fleet/language-procedures.ts'
import { learningFleetProcedures } from './api/fleet/learning-fleet-procedures.ts'
import { selectorProcedures } from './api/fleet/selector-procedures.ts'
import { settingsProcedures } from './api/fleet/settings-procedures.ts'
import { siteProcedures } from './api/fleet/site-procedures.ts'
import { testPolicyProcedures, testReportProcedures } from './api/fleet/test-report-procedures.ts'
import { trafficProcedures } from './api/fleet/traffic-procedures.ts'
import { vulnerabilityPolicyProcedures, vulnerabilityProcedures } from './api/fleet/vulnerability-procedures.ts'
import { hubProcedures, keyProcedures } from './api/hub-procedures.ts'
import { intrusionProcedures } from './api/intrusion-procedures.ts'
import { learningProcedures } from './api/learning-procedures.ts'
import { flowLookProcedures, sourceLookProcedures } from './api/look-procedures.ts'
import { entitlementProcedures } from './api/market/entitlement-procedures.ts'
import { submissionProcedures } from './api/market/submission-procedures.ts'
import { catalogueProcedures, marketProcedures } from './api/market-procedures.ts'
import { modelProcedures, uploadProcedures } from './api/model-procedures.ts'
import { modelFeedProcedures } from './api/models/model-feed-procedures.ts'
import { monitorProcedures, profileProcedures } from './api/monitor-procedures.ts'
import { pairProcedures } from './api/places/pair-procedures.ts'
import { placementProcedures } from './api/places/placement-procedures.ts'
import { routeProcedures } from './api/places/route-procedures.ts'
import { scalingProcedures } from './api/places/scaling-procedures.ts'
import type { Access, ApprovalNeed, ScopeReach } from './api/procedure.ts'
import { secretProcedures } from './api/secret-procedures.ts'
import { telemetryProcedures } from './api/telemetry-procedures.ts'
import { signingKeyProcedures, trustProcedures } from './api/trust-procedures.ts'
import type { ErrorCode } from './errors/errors.ts'

/** Spelled out, because it is longer than the limit of the compiler for an inferred declaration. */
type Api = {
  hub: typeof hubProcedures
  organisation: typeof organisationProcedures
  key: typeof keyProcedures
  session: typeof sessionProcedures
  account: typeof accountProcedures &
    typeof passkeyProcedures &
    typeof providerProcedures &
    typeof loginProcedures &
    typeof membershipProcedures
  user: typeof userProcedures
  invitation: typeof invitationProcedures
  role: typeof roleProcedures
  approval: typeof approvalProcedures
  audit: typeof auditProcedures
  intrusion: typeof intrusionProcedures
  site: typeof siteProcedures
  token: typeof tokenProcedures
  device: typeof deviceProcedures & typeof deviceCommandProcedures & typeof languageProcedures
  expected: typeof expectedProcedures
  selector: typeof selectorProcedures
  upload: typeof uploadProcedures
  model: typeof modelProcedures
  build: typeof buildProcedures
  optimisation: typeof optimisationProcedures
  monitor: typeof monitorProcedures
  profile: typeof profileProcedures
  placement: typeof placementProcedures
  scaling: typeof scalingProcedures
  capture: typeof captureProcedures
  pair: typeof pairProcedures
  route: typeof routeProcedures
  gitSource: typeof gitSourceProcedures
  modelFeed: typeof modelFeedProcedures
  alert: typeof alertProcedures
  group: typeof groupProcedures
  settings: typeof settingsProcedures
  campaign: typeof campaignProcedures
  survey: typeof surveyProcedures
  learning: typeof learningProcedures & typeof learningFleetProcedures
  deployment: typeof deploymentProcedures
  rollout: typeof rolloutProcedures
  batch: typeof batchProcedures
  secret: typeof secretProcedures
  source: typeof sourceProcedures & typeof sourceCommandProcedures & typeof sourceLookProcedures
  sink: typeof sinkProcedures & typeof sinkCommandProcedures
  flow: typeof flowLookProcedures
  app: typeof appProcedures
  image: typeof imageProcedures
  vulnerability: typeof vulnerabilityProcedures
  vulnerabilityPolicy: typeof vulnerabilityPolicyProcedures
  access: typeof accessProcedures
  ddi: typeof ddiProcedures
  signingKey: typeof signingKeyProcedures
  trust: typeof trustProcedures
  testReport: typeof testReportProcedures
  testPolicy: typeof testPolicyProcedures
  authority: typeof authorityProcedures
  catalogue: typeof catalogueProcedures
  market: typeof marketProcedures
  submission: typeof submissionProcedures
  entitlement: typeof entitlementProcedures
  telemetry: typeof telemetryProcedures
  traffic: typeof trafficProcedures
}

export const api: Api = {
  hub: hubProcedures,
  organisation: organisationProcedures,
  key: keyProcedures,
  session: sessionProcedures,
  account: {
    ...accountProcedures,
    ...passkeyProcedures,
    ...providerProcedures,
    ...loginProcedures,
    ...membershipProcedures,
  },
  user: userProcedures,
  invitation: invitationProcedures,
  role: roleProcedures,
  approval: approvalProcedures,
  audit: auditProcedures,
  intrusion: intrusionProcedures,
  site: siteProcedures,
  token: tokenProcedures,
  device: { ...deviceProcedures, ...deviceCommandProcedures, ...languageProcedures },
  expected: expectedProcedures,
  selector: selectorProcedures,
  upload: uploadProcedures,
  model: modelProcedures,
  build: buildProcedures,
  optimisation: optimisationProcedures,
  monitor: monitorProcedures,
  profile: profileProcedures,
  placement: placementProcedures,
  scaling: scalingProcedures,
  capture: captureProcedures,
  pair: pairProcedures,
  route: routeProcedures,
  gitSource: gitSourceProcedures,
  modelFeed: modelFeedProcedures,
  alert: alertProcedures,
  group: groupProcedures,
  settings: settingsProcedures,
  campaign: campaignProcedures,
  survey: surveyProcedures,
  learning: { ...learningProcedures, ...learningFleetProcedures },
  deployment: deploymentProcedures,
  rollout: rolloutProcedures,
  batch: batchProcedures,
  secret: secretProcedures,
  source: { ...sourceProcedures, ...sourceCommandProcedures, ...sourceLookProcedures },
  sink: { ...sinkProcedures, ...sinkCommandProcedures },
  flow: flowLookProcedures,
  app: appProcedures,
  image: imageProcedures,
  vulnerability: vulnerabilityProcedures,
  vulnerabilityPolicy: vulnerabilityPolicyProcedures,
  access: accessProcedures,
  ddi: ddiProcedures,
  signingKey: signingKeyProcedures,
  trust: trustProcedures,
  testReport: testReportProcedures,
  testPolicy: testPolicyProcedures,
  authority: authorityProcedures,
  catalogue: catalogueProcedures,
  market: marketProcedures,
  submission: submissionProcedures,
  entitlement: entitlementProcedures,
  telemetry: telemetryProcedures,
  traffic: trafficProcedures,
}

/** A path whose body is raw bytes, so that it streams; everything else about it is stated as for a procedure. */
type ByteRoute = {
  method: HTTPMethod
  path: string
  access: Access | 'device'
  scope: ScopeReach
  approval: ApprovalNeed
  summary: string
  errors: readonly ErrorCode[]
}

export const byteRoutes = {
  /** Body: the bytes from `?offsetBytes=` on, application/octet-stream. Answers an Upload. */
  uploadBytes: {
    method: 'PATCH',
    path: '/v1/uploads/{upload}',
    access: 'model.write',
    scope: 'whole',
    approval: 'none',
    summary: 'Send bytes of an upload, from the current offset of the hub, at most 64 MiB at once',
    errors: ['upload_unknown', 'upload_offset_wrong', 'upload_digest_wrong', 'body_too_large', 'storage_full'],
  },
  /** Answers with Range, ETag and Content-Length. A device may read the blobs of its organisation. */
  downloadBlob: {
    method: 'GET',
    path: '/v1/blobs/{digest}',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Download a blob, or a range of it',
    errors: ['blob_unknown', 'blob_damaged'],
  },
  /** An icon, served as a picture that can run nothing; or another file of a catalogue, as bytes. */
  catalogueBlob: {
    method: 'GET',
    path: '/v1/catalogues/{catalogue}/blobs/{digest}',
    access: 'market.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Download an icon or another file of a catalogue',
    errors: ['catalogue_unknown', 'blob_unknown', 'listing_tampered'],
  },
  /** The spec of a source or a sink, for a device on which it applies. */
  connectionSpec: {
    method: 'GET',
    path: '/v1/device-connections/{connection}',
    access: 'device',
    scope: 'none',
    approval: 'none',
    summary: 'Fetch the content of a source or a sink',
    errors: ['connection_unknown'],
  },
  /** The bytes that go with a command, for the device that it is for. */
  commandBody: {
    method: 'GET',
    path: '/v1/device-commands/{command}',
    access: 'device',
    scope: 'none',
    approval: 'none',
    summary: 'Fetch the bytes of a command',
    errors: ['command_unknown', 'hub_peer_unreachable'],
  },
  /**
   * Body: the bytes that belong to the answer, application/octet-stream with a Content-Length. The answer over the link
   * then describes them.
   */
  commandAnswer: {
    method: 'PUT',
    path: '/v1/device-commands/{command}/answer',
    access: 'device',
    scope: 'none',
    approval: 'none',
    summary: 'Send the bytes of an answer to a command',
    errors: ['command_unknown', 'body_too_large', 'hub_busy', 'hub_peer_unreachable'],
  },
} as const satisfies Record<string, ByteRoute>
