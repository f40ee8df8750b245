/**
 * Every error code of Skerry's API. Codes are part of the API: `noun_problem`, never reused, described in
 * docs/reference/errors.md. The message here is the default; a handler may say more, and always says what to do next.
 */
import { accessErrors } from './access-errors.ts'
import { alertErrors } from './alert-errors.ts'
import { checkErrors } from './check-errors.ts'
import { commandErrors } from './command-errors.ts'
import { gitErrors } from './git-errors.ts'
import { goldenErrors } from './golden-errors.ts'
import { marketErrors } from './market-errors.ts'
import { organisationErrors } from './organisation-errors.ts'
import { peopleErrors } from './people-errors.ts'
import { placeErrors } from './place-errors.ts'
import { softwareErrors } from './software-errors.ts'
import { trainingErrors } from './training-errors.ts'
import { vulnerabilityErrors } from './vulnerability-errors.ts'

export const errors = {
  // requests that do not fit
  input_invalid: { status: 400, message: 'the request does not fit its schema; the issues name each field' },
  selector_invalid: {
    status: 400,
    message: 'the selector is not a CEL expression over device and site that gives true or false',
  },
  filter_invalid: {
    status: 400,
    message: 'the filter is neither words nor a selector; the message names the problem',
  },
  analysis_invalid: {
    status: 400,
    message: 'a condition of an analysis is not a CEL expression over the result of its measure',
  },
  window_invalid: {
    status: 400,
    message: 'no device could follow the update window; check its cron expression and time zone',
  },
  body_too_large: { status: 413, message: 'the body is over the limit for this path; send less at once' },
  route_unknown: { status: 404, message: 'no such path; see /docs for all of them' },
  rate_limited: { status: 429, message: 'too many requests from this caller; wait as long as Retry-After says' },
  hub_unavailable: { status: 503, message: 'the hub cannot do this right now; try again shortly' },
  internal_error: { status: 500, message: 'the hub failed; its log has the details under this request id' },

  // the caller and its credentials
  key_missing: { status: 401, message: 'send an API key as "Authorization: Bearer sk_..."; "skerry login" stores one' },
  key_invalid: { status: 401, message: 'the API key is unknown, expired or revoked; ask an owner for a new one' },
  session_ended: { status: 401, message: 'the session has ended; sign in again' },
  origin_refused: {
    status: 403,
    message: 'the hub accepts a session from its own pages only; send an API key instead',
  },
  permission_denied: {
    status: 403,
    message: 'your key or account does not have the permission for this; use one whose role has the permission',
  },
  ...peopleErrors,
  ...accessErrors,

  // devices, and their certificates and joining
  certificate_missing: {
    status: 401,
    message: 'only a device with a certificate from this hub may do this; join it first',
  },
  certificate_invalid: {
    status: 401,
    message: 'the certificate is expired, unknown or from another authority; join the device again',
  },
  certificate_lapsed: {
    status: 401,
    message: 'the certificate has expired; the device requests a new one with its key, at /v1/rejoin',
  },
  certificate_lapsed_long: {
    status: 403,
    message: 'the certificate expired too long ago to be renewed; join the device again with a new token',
  },
  device_duplicated: {
    status: 409,
    message: 'another connection uses the key of this device: one of the two is a copy',
  },
  device_revoked: {
    status: 403,
    message: 'the device has been revoked; remove it and join the device again with a new token',
  },

  // organisations, and the limits of their quotas
  ...organisationErrors,

  // the objects of an organisation, by noun
  site_unknown: { status: 404, message: 'no such site; "skerry site ls" lists them' },
  site_exists: { status: 409, message: 'a site of this name exists with other content; change it with "skerry apply"' },
  site_in_use: { status: 409, message: 'devices belong to the site; remove them first' },
  device_unknown: { status: 404, message: 'no such device; "skerry device ls" lists them' },
  device_quarantined: {
    status: 409,
    message: 'the device is in quarantine and gets no changes; "skerry device release" ends the quarantine',
  },
  wipe_unconfirmed: { status: 422, message: 'confirm with the exact name of the device; nothing was wiped' },
  device_status_refused: {
    status: 409,
    message: 'the device is not in a state that allows this; "skerry device show" shows its state',
  },
  token_unknown: { status: 404, message: 'no such join token; "skerry device token ls" lists them' },
  token_refused: {
    status: 403,
    message: 'the join token is unknown, expired, revoked or used up; make a new one with "skerry device token create"',
  },
  expected_unknown: { status: 404, message: 'no such expected device; "skerry device preauthorised ls" lists them' },
  expected_exists: { status: 409, message: 'a device with this serial number or key is on the list already' },
  join_denied: {
    status: 403,
    message: 'a person has denied the join of this device; "skerry device rm" lets it try again',
  },
  key_fingerprint_wrong: {
    status: 409,
    message: 'the device has another key; compare the fingerprint again with the one that the device shows',
  },
  csr_invalid: {
    status: 400,
    message: 'the certificate request is not PKCS #10 in PEM with a P-256 key and a valid signature',
  },
  model_unknown: { status: 404, message: 'no such model; "skerry model ls" lists them' },
  model_in_use: { status: 409, message: 'a deployment uses the model; remove the deployment first' },
  version_unknown: { status: 404, message: 'no such version; "skerry model show" lists them' },
  version_in_use: { status: 409, message: 'a deployment or an alias uses the version; change those first' },
  signing_key_unknown: { status: 404, message: 'no such signing key; "skerry signing-key ls" lists them' },
  signing_key_exists: {
    status: 409,
    message: 'a signing key with this name or this content exists already; "skerry signing-key ls" lists them',
  },
  signing_key_invalid: {
    status: 422,
    message: 'this is not the public key of an elliptic curve that signs models (P-256, P-384, P-521)',
  },
  signing_keys_full: {
    status: 409,
    message: 'the organisation has as many signing keys as it may have; use another organisation for more',
  },
  signing_key_state_refused: {
    status: 409,
    message: 'the signing key is not in a state that allows this; "skerry signing-key ls" shows its state',
  },
  authority_unknown: { status: 404, message: 'no such authority; "skerry certificate status" lists them' },
  authority_state_refused: {
    status: 409,
    message: 'the authority is not in a state that allows this; "skerry certificate status" shows its state',
  },
  authority_chain_refused: {
    status: 422,
    message: 'the certificate chain does not certify the key of the request as an authority',
  },
  authority_in_use: {
    status: 409,
    message: 'devices still use certificates of the authority; wait until they have renewed them',
  },
  authorities_full: { status: 409, message: 'the hub trusts as many authorities as it can at once; retire one' },
  signature_refused: { status: 422, message: 'a signature is not by a trusted key over exactly these files' },
  version_untrusted: {
    status: 409,
    message: 'devices would reject the version, because it lacks required signatures; "skerry model trust" lists them',
  },
  leaves_unacknowledged: {
    status: 409,
    message:
      'the change takes the model away from devices, and this is not confirmed; look at the plan, then send its leaves.digest as acknowledgedLeaves (`skerry deploy` asks you, or takes --yes)',
  },
  parent_unknown: {
    status: 422,
    message: 'a parent in the lineage is not a version on this hub; push it first, or leave it out',
  },
  alias_unknown: { status: 404, message: 'no such alias; "skerry model show" lists them' },
  audit_damaged: {
    status: 409,
    message: 'the audit log is damaged, so the hub signs nothing over it; "skerry audit verify" shows the place',
  },
  upload_unknown: { status: 404, message: 'no such upload, or it expired; start it again' },
  upload_offset_wrong: {
    status: 409,
    message: 'the offset differs from the one of the hub; fetch the upload and continue at its offsetBytes',
  },
  upload_digest_wrong: {
    status: 422,
    message: 'the bytes do not have the announced digest; the hub deleted the upload, start it again',
  },
  blob_unknown: { status: 404, message: 'no such blob; upload it first' },
  blob_damaged: {
    status: 410,
    message: 'the stored bytes no longer match their digest, and the hub has set them aside; push the version again',
  },
  storage_full: {
    status: 507,
    message: "only the reserve of the hub's disk is free; remove versions, or give the hub more space",
  },
  deployment_unknown: { status: 404, message: 'no such deployment; "skerry deployment ls" lists them' },
  revision_unknown: {
    status: 404,
    message:
      'the deployment has no such revision, or the hub no longer keeps it; "skerry deployment revisions" lists them',
  },
  rollback_target_missing: {
    status: 409,
    message:
      'the deployment has no earlier revision that was done and differs from the present one; choose a revision yourself: "skerry deployment revisions" lists them',
  },
  rollback_target_same: {
    status: 409,
    message:
      'the revision has the version and the settings that the deployment has now; "skerry deployment revisions" lists the others',
  },
  revision_stale: { status: 412, message: 'somebody has changed it meanwhile; fetch it again and repeat your change' },
  rollout_unknown: { status: 404, message: 'no such rollout; "skerry rollout ls" lists them' },
  rollout_event_refused: {
    status: 409,
    message: 'the rollout is not in a state that allows this; "skerry rollout show" shows its state',
  },
  batch_unknown: { status: 404, message: 'no such batch; "skerry batch ls" lists them' },
  batch_event_refused: {
    status: 409,
    message: 'the batch is not in a state that allows this; "skerry batch show" shows its state',
  },
  batch_empty: {
    status: 422,
    message: 'no device is left for the batch; check the selector with "skerry selector test"',
  },
  batch_too_large: { status: 422, message: 'the selector picks more devices than one batch takes; narrow it' },
  batch_expiry_passed: { status: 409, message: 'the batch has expired; create it again with a later expiry' },
  batch_key_refused: {
    status: 403,
    message: 'this hub requires different keys to create, to sign and to send a batch; use another key',
  },
  audit_archive_refused: {
    status: 409,
    message: 'the hub must keep these records; the message says which and why',
  },
  audit_archive_mismatch: {
    status: 422,
    message: 'the archive differs from the records of the hub; nothing was removed',
  },
  syslog_unknown: {
    status: 404,
    message: 'no syslog receiver gets the audit log; "skerry audit syslog --to HOST" sets one',
  },
  syslog_refused: {
    status: 422,
    message: 'the hub may not connect to this receiver, or cannot use its certificates; the message says which',
  },
  intrusion_unknown: { status: 404, message: 'no such finding; "skerry intrusion ls" lists them' },
  intrusion_closed: { status: 409, message: 'the finding is dismissed already; there is nothing to do' },
  intrusion_nothing_done: {
    status: 409,
    message: 'the hub took no action for this finding that could be undone',
  },
  intrusion_webhook_unknown: {
    status: 404,
    message: 'no webhook receives findings; "skerry intrusion webhook set URL" sets one',
  },
  intrusion_webhook_refused: { status: 422, message: 'the hub may not connect to this webhook; the message says why' },
  key_unknown: { status: 404, message: 'no such key; "skerry key ls" lists them' },
  secret_unknown: { status: 404, message: 'no such secret; "skerry secret ls" lists them' },
  secrets_full: {
    status: 422,
    message: 'an organisation, a site or a device has at most 64 secrets of 192 KiB together; remove some',
  },
  connection_unknown: { status: 404, message: 'no such source or sink; "skerry source ls" lists sources' },
  connections_full: {
    status: 422,
    message: 'an organisation, a site or a device has at most 64 of a kind, of 128 MiB together; remove some',
  },
  encryption_key_unavailable: {
    status: 503,
    message: 'the hub cannot read its encryption key; see its log, correct that, and try again',
  },
  key_exists: { status: 409, message: 'a key of this name exists; choose another name' },

  user_unknown: { status: 404, message: 'no such person in this organisation; "skerry user ls" lists them' },
  session_unknown: { status: 404, message: 'no such session, or it has ended; "skerry user sessions" lists them' },
  invitation_unknown: { status: 404, message: 'no such invitation; "skerry user invitations" lists them' },
  approval_needed: {
    status: 409,
    message: 'this needs the approval of a second person; repeat it once the request is approved',
  },
  approval_unknown: { status: 404, message: 'no such request for approval; "skerry approval ls" lists them' },
  approval_closed: { status: 409, message: 'the request was answered, used, or is too old; make a new one' },
  approval_refused: { status: 403, message: 'you cannot approve your own request; somebody else has to' },
  role_unknown: { status: 404, message: 'no such role; "skerry role ls" lists them' },
  role_exists: { status: 409, message: 'a role of this name exists; choose another name' },
  role_built_in: { status: 409, message: 'a built-in role cannot be changed; create a role of your own' },
  role_in_use: { status: 409, message: 'people or keys have the role; give them another one first' },
  role_limit_reached: { status: 409, message: 'an organisation has at most 100 roles of its own; remove one' },
  scope_exceeded: {
    status: 403,
    message: 'this reaches beyond the scope of your role; the message names the part outside',
  },
  scope_refused: {
    status: 403,
    message: 'your role has a scope, and this concerns more than its places; use a role without a scope',
  },
  role_refused: {
    status: 403,
    message: 'you cannot grant, change or revoke permissions that you do not have; ask an owner',
  },
  owner_last: { status: 409, message: 'the organisation needs an owner; make another person an owner first' },

  ...commandErrors,

  // a model that is rejected, at the hub or on a device
  model_not_onnx: { status: 422, message: 'the file is not an ONNX model' },
  model_too_complex: {
    status: 422,
    message: 'the model nests deeper, or expands to more nodes, than the runtime loads',
  },
  model_incomplete: { status: 422, message: 'the model refers to external data that was not pushed with it' },
  model_path_unsafe: { status: 422, message: 'the model refers to external data outside its own folder' },
  model_opset_unsupported: {
    status: 422,
    message: 'no runtime here loads the opset; export the model again with an older one',
  },
  model_operator_unsupported: { status: 422, message: 'no runtime here has the operator; export the model without it' },
  model_form_unsupported: { status: 422, message: 'the model cannot be expressed as ONNX by Skerry' },
  model_form_invalid: { status: 422, message: 'the file is no complete model of its framework' },
  model_input_unsupported: { status: 422, message: 'an input or output is not a tensor of a type that can be served' },
  model_load_failed: { status: 422, message: 'the runtime could not load the model' },
  app_invalid: {
    status: 422,
    message: 'app.json or an image of the app has an error; the message names the service and the field',
  },
  ...softwareErrors,
  ...vulnerabilityErrors,
  ...checkErrors,
  ...gitErrors,
  gguf_invalid: { status: 422, message: 'the GGUF file, its settings or a prompt is wrong; the message says how' },
  flow_invalid: {
    status: 422,
    message: 'the flow, its recording or its golden file has an error; the message says where',
  },
  model_kind_differs: {
    status: 409,
    message: 'all versions of a name have one kind, and this name has another; choose another name',
  },
  ...marketErrors,
  ...placeErrors,
  monitor_unknown: { status: 404, message: 'no such monitor; "skerry monitor ls" lists them' },
  monitor_refused: { status: 422, message: 'the monitor cannot be set; the message names the reason' },
  hold_unknown: { status: 404, message: 'the monitor holds no such flow; "skerry monitor show" lists those it holds' },
  profile_unknown: {
    status: 404,
    message: 'the version has no reference profile; make one with "skerry monitor baseline"',
  },
  profile_refused: { status: 422, message: 'no reference profile can be made; the message names the reason' },
  capture_unknown: { status: 404, message: 'the model has no capture; "skerry capture set" declares one' },
  capture_refused: { status: 422, message: 'the capture or its labels do not fit; the message names the reason' },
  ...trainingErrors,
  build_unknown: { status: 404, message: 'no such build; "skerry build ls" lists those of a version' },
  build_in_use: {
    status: 409,
    message: 'a deployment uses the build, or may roll back to it; deploy another one, or remove the deployment',
  },
  bench_refused: {
    status: 409,
    message: 'the version cannot be measured; push it with golden inputs, which the devices run it on',
  },
  optimisation_unknown: { status: 404, message: 'no such optimisation; "skerry optimisation ls" lists them' },
  optimisation_ended: {
    status: 409,
    message: 'the optimisation has ended; "skerry optimisation show" shows its results',
  },
  optimisation_refused: {
    status: 409,
    message: 'the version cannot be optimised; push it with golden inputs, which the builds are compared on',
  },
  optimisation_quota_reached: {
    status: 409,
    message: 'the organisation has as many optimisations waiting as it may have; start it when one has ended',
  },
  calibration_invalid: {
    status: 422,
    message: 'the calibration data does not fit the inputs of the model; the message names the row and the reason',
  },
  version_not_model: { status: 409, message: 'the version is a flow, and this works for models only' },
  model_load_timeout: {
    status: 422,
    message:
      'the runtime took longer to load the model than the hub allows; push it again if the hub was busy, or push a smaller or simpler one',
  },
  model_memory_exceeded: {
    status: 422,
    message: 'loading the model took more memory than the hub allows; push a smaller one',
  },
  push_queue_full: { status: 503, message: 'too many pushes are pending; push again when some of them are done' },
  model_crashed: { status: 422, message: 'the runtime crashed on the model' },
  ...goldenErrors,
  ...alertErrors,
} as const satisfies Record<string, { status: number; message: string }>

export type ErrorCode = keyof typeof errors

/** The entries of the table that a procedure declares. */
export function pickErrors<Code extends ErrorCode>(...codes: readonly Code[]): Pick<typeof errors, Code> {
  const picked = Object.fromEntries(codes.map((code) => [code, errors[code]]))
  return picked as Pick<typeof errors, Code>
}
