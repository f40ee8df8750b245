/**
 * Every error code of Skerry's API. Codes are part of the API: `noun_problem`, never reused, described in docs/reference/errors.md.
 * The message here is the default; a handler may say more, and always says what to do next.
 */

import { commandErrors } from './command-errors.ts'
import { organisationErrors } from './organisation-errors.ts'
import { peopleErrors } from './people-errors.ts'

export const errors = {
  // asked wrongly
  input_invalid: { status: 400, message: 'the request does not fit its schema; the issues name each field' },
  selector_invalid: {
    status: 400,
    message: 'the selector is not a CEL expression over device and site that gives true or false',
  },
  analysis_invalid: {
    status: 400,
    message: 'an analysis has a condition that is not a CEL expression over the result of its measure',
  },
  window_invalid: {
    status: 400,
    message: 'no device could obey the update window; see its cron expression and time zone',
  },
  body_too_large: { status: 413, message: 'the body is over the limit for this path' },
  route_unknown: { status: 404, message: 'no such path; see /docs for all of them' },
  rate_limited: { status: 429, message: 'too many requests from this caller; wait as long as Retry-After says' },
  hub_unavailable: { status: 503, message: 'the hub cannot do this right now; try again shortly' },
  internal_error: { status: 500, message: 'the hub failed; its log has the details under this request id' },

  // who asks
  key_missing: { status: 401, message: 'send an API key as "Authorization: Bearer sk_..."; "skerry login" stores one' },
  key_invalid: { status: 401, message: 'the API key is unknown, expired or revoked; ask an owner for a new one' },
  session_ended: { status: 401, message: 'the session has ended; sign in again' },
  origin_refused: {
    status: 403,
    message: "a session counts for the hub's own pages only; send an API key instead",
  },
  permission_denied: { status: 403, message: 'the key in use may not do this; use one whose role has the permission' },
  ...peopleErrors,

  // devices that ask
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
    message: 'the certificate has ended; the device asks for another by its key, at /v1/rejoin',
  },
  certificate_lapsed_long: {
    status: 403,
    message: 'the certificate ended too long ago to be renewed; join the device again with a new token',
  },
  device_duplicated: {
    status: 409,
    message: 'the device is connected from elsewhere, with the same key: one of the two is a copy',
  },
  device_revoked: { status: 403, message: 'the device has been revoked; remove it and join it again with a new token' },

  // organisations, and what they may use
  ...organisationErrors,

  // things
  site_unknown: { status: 404, message: 'no such site; "skerry site ls" lists them' },
  site_exists: { status: 409, message: 'a site of this name exists with other content; change it with "skerry apply"' },
  site_in_use: { status: 409, message: 'devices stand at the site; remove them first' },
  device_unknown: { status: 404, message: 'no such device; "skerry device ls" lists them' },
  device_quarantined: {
    status: 409,
    message: 'the device is in quarantine and gets nothing new; "skerry device release" lets it out',
  },
  wipe_unconfirmed: { status: 422, message: 'confirm with the exact name of the device; nothing was wiped' },
  device_status_refused: { status: 409, message: 'the device is not in a state that allows this' },
  token_unknown: { status: 404, message: 'no such join token; "skerry device token ls" lists them' },
  token_refused: {
    status: 403,
    message: 'the join token is unknown, expired, revoked or used up; make a new one with "skerry device token create"',
  },
  expected_unknown: { status: 404, message: 'no such expected device; "skerry device preauthorised ls" lists them' },
  expected_exists: { status: 409, message: 'a device with this serial number or key is expected already' },
  join_denied: {
    status: 403,
    message: 'a person has refused this device; "skerry device rm" lets it ask again',
  },
  key_fingerprint_wrong: {
    status: 409,
    message: 'the key of the device is another; compare again with what the device shows',
  },
  csr_invalid: {
    status: 400,
    message: 'the certificate request is not PKCS #10 in PEM with a P-256 key and a valid signature',
  },
  model_unknown: { status: 404, message: 'no such model; "skerry model ls" lists them' },
  model_in_use: { status: 409, message: 'a deployment uses it; remove the deployment first' },
  version_unknown: { status: 404, message: 'no such version; "skerry model show" lists them' },
  version_in_use: { status: 409, message: 'a deployment or an alias uses the version; move those first' },
  signing_key_unknown: { status: 404, message: 'no such signing key; "skerry signing-key ls" lists them' },
  signing_key_exists: { status: 409, message: 'there is a signing key of that name, or that key already' },
  signing_key_invalid: {
    status: 422,
    message: 'not the public key of an elliptic curve that signs models (P-256, P-384, P-521)',
  },
  signing_keys_full: { status: 409, message: 'there are as many signing keys as one organisation may have' },
  signing_key_state_refused: { status: 409, message: 'the signing key is not in a state that allows this' },
  authority_unknown: { status: 404, message: 'no such authority; "skerry certificate status" lists them' },
  authority_state_refused: { status: 409, message: 'the authority is not in a state that allows this' },
  authority_chain_refused: { status: 422, message: 'the certificates do not make the key of the request an authority' },
  authority_in_use: {
    status: 409,
    message: 'devices show certificates of the authority; wait until they have renewed',
  },
  authorities_full: { status: 409, message: 'there are as many authorities as can be trusted at once; retire one' },
  signature_refused: { status: 422, message: 'a signature is none of a trusted key over just these files' },
  version_untrusted: {
    status: 409,
    message: 'no device would take the version: who signed it is not who must; "skerry model trust" says why',
  },
  leaves_unacknowledged: {
    status: 409,
    message:
      'devices would lose the model, and nobody has confirmed that; look at the plan, then send its leaves.digest as acknowledgedLeaves (`skerry deploy` asks, or takes --yes)',
  },
  parent_unknown: {
    status: 422,
    message: 'a parent in the lineage is no version on this hub; push it first, or leave it out',
  },
  alias_unknown: { status: 404, message: 'no such alias; "skerry model show" lists them' },
  audit_damaged: {
    status: 409,
    message: 'the audit trail does not hold, so nothing is signed over it; "skerry audit verify" says where it breaks',
  },
  upload_unknown: { status: 404, message: 'no such upload, or it expired; begin it again' },
  upload_offset_wrong: {
    status: 409,
    message: 'the offset is not where the hub stands; ask for the upload and go on from its offsetBytes',
  },
  upload_digest_wrong: {
    status: 422,
    message: 'the bytes do not have the digest that was announced; the upload was thrown away, begin it again',
  },
  blob_unknown: { status: 404, message: 'no such blob; upload it first' },
  blob_damaged: {
    status: 410,
    message: 'the stored bytes no longer have their digest and were set aside; push the version again',
  },
  storage_full: { status: 507, message: 'the hub keeps its last free disk space; remove versions, or give it more' },
  deployment_unknown: { status: 404, message: 'no such deployment; "skerry deployment ls" lists them' },
  revision_stale: { status: 412, message: 'somebody changed it meanwhile; look at it again and repeat your change' },
  rollout_unknown: { status: 404, message: 'no such rollout; "skerry rollout ls" lists them' },
  rollout_event_refused: { status: 409, message: 'the rollout is not in a state that allows this' },
  batch_unknown: { status: 404, message: 'no such batch; "skerry batch ls" lists them' },
  batch_event_refused: { status: 409, message: 'the batch is not in a state that allows this' },
  batch_empty: {
    status: 422,
    message: 'no device is left to do it on; check the selector with "skerry selector test"',
  },
  batch_too_large: { status: 422, message: 'the selector picks more devices than one batch takes; narrow it' },
  batch_expiry_passed: { status: 409, message: 'the batch has expired; create it again with a later expiry' },
  batch_key_refused: {
    status: 403,
    message: 'this hub wants a different key to create, to sign and to send a batch; use another key',
  },
  audit_archive_refused: {
    status: 409,
    message: 'these records may not be removed; the message says which and why',
  },
  audit_archive_mismatch: {
    status: 422,
    message: 'the archive is not what the hub has of these records; nothing was removed',
  },
  syslog_unknown: { status: 404, message: 'the audit trail is sent to no syslog receiver' },
  syslog_refused: {
    status: 422,
    message: 'the hub may not connect to this receiver, or its certificates cannot be used; the message says which',
  },
  intrusion_unknown: { status: 404, message: 'no such finding; "skerry intrusion ls" lists them' },
  intrusion_closed: { status: 409, message: 'the finding has been dismissed already' },
  intrusion_nothing_done: {
    status: 409,
    message: 'the hub has done nothing because of this finding that could be undone',
  },
  intrusion_webhook_unknown: { status: 404, message: 'no webhook is told of findings' },
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
    message: 'the encryption key of the hub cannot be read; see its log, mend that, and try again',
  },
  key_exists: { status: 409, message: 'a key of this name exists; choose another name' },

  user_unknown: { status: 404, message: 'no such person here; "skerry user ls" lists them' },
  session_unknown: { status: 404, message: 'no such session, or it has ended; "skerry user sessions" lists them' },
  invitation_unknown: { status: 404, message: 'no such invitation; "skerry user invitations" lists them' },
  approval_needed: {
    status: 409,
    message: 'this needs a second person; when somebody has approved the request, do the same again',
  },
  approval_unknown: { status: 404, message: 'no such request for approval; "skerry approval ls" lists them' },
  approval_closed: { status: 409, message: 'the request has been answered, used, or is too old; ask again' },
  approval_refused: { status: 403, message: 'whoever asked for it cannot approve it; somebody else has to' },
  role_unknown: { status: 404, message: 'no such role; "skerry role ls" lists them' },
  role_exists: { status: 409, message: 'a role of this name exists; choose another name' },
  role_built_in: { status: 409, message: 'a built-in role is what it is; make one of your own' },
  role_in_use: { status: 409, message: 'somebody has the role; give them another one first' },
  role_limit_reached: { status: 409, message: 'an organisation has at most 100 roles of its own; remove one' },
  scope_exceeded: {
    status: 403,
    message: 'this reaches beyond the scope of the role; the message says what would not',
  },
  scope_refused: {
    status: 403,
    message: 'the role counts for some places only, and this is about more; use one without a scope',
  },
  role_refused: { status: 403, message: 'nobody gives, takes or ends what goes beyond the own role; ask an owner' },
  owner_last: { status: 409, message: 'somebody must stay owner; make another person an owner first' },

  ...commandErrors,

  // a model that is refused, at the hub or on a device
  model_not_onnx: { status: 422, message: 'the file is not an ONNX model' },
  model_too_complex: {
    status: 422,
    message: 'the model nests deeper, or holds or stands for more nodes, than the runtime loads',
  },
  model_incomplete: { status: 422, message: 'the model refers to external data that was not pushed with it' },
  model_path_unsafe: { status: 422, message: 'the model refers to external data outside its own folder' },
  model_opset_unsupported: {
    status: 422,
    message: 'no runtime here loads the opset; export the model again with an older one',
  },
  model_operator_unsupported: { status: 422, message: 'no runtime here has the operator' },
  model_input_unsupported: { status: 422, message: 'an input or output is not a tensor of a type that can be served' },
  model_load_failed: { status: 422, message: 'the runtime refused to load the model' },
  flow_invalid: {
    status: 422,
    message: 'the flow, its recording or its golden file is not right; the message says where',
  },
  model_kind_differs: {
    status: 409,
    message: 'the name belongs to models, or to flows; all versions under a name are of one kind',
  },
  version_not_model: { status: 409, message: 'the version is a flow, and only of a model can this be said' },
  model_load_timeout: {
    status: 422,
    message: 'the runtime took longer to load the model than the hub allows; push a smaller or simpler one',
  },
  model_memory_exceeded: {
    status: 422,
    message: 'loading the model took more memory than the hub allows; push a smaller one',
  },
  push_queue_full: { status: 503, message: 'too many pushes wait already; push again when some of them are done' },
  model_crashed: { status: 422, message: 'the runtime crashed on the model' },
  golden_invalid: { status: 422, message: 'a golden input does not fit the model' },
  golden_timeout: { status: 422, message: 'the golden inputs took longer than the hub allows; push fewer' },
  golden_memory_exceeded: {
    status: 422,
    message: 'the golden inputs took more memory than the hub allows; push smaller ones',
  },
  golden_not_finite: { status: 422, message: 'the model answers a golden input with NaN or infinity' },
} as const satisfies Record<string, { status: number; message: string }>

export type ErrorCode = keyof typeof errors

/** The entries of the table that a procedure declares. */
export function pickErrors<Code extends ErrorCode>(...codes: readonly Code[]): Pick<typeof errors, Code> {
  const picked = Object.fromEntries(codes.map((code) => [code, errors[code]]))
  return picked as Pick<typeof errors, Code>
}
