/**
 * Every error code of Skerry's API. Codes are part of the API: `noun_problem`, never reused, described in docs/errors.md.
 * The message here is the default; a handler may say more, and always says what to do next.
 */

export const errors = {
  // asked wrongly
  input_invalid: { status: 400, message: 'the request does not fit its schema; the issues name each field' },
  selector_invalid: {
    status: 400,
    message: 'the selector is not a CEL expression over device and site that gives true or false',
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
  certificate_missing: {
    status: 401,
    message: 'only a device with a certificate from this hub may do this; join it first',
  },
  certificate_invalid: {
    status: 401,
    message: 'the certificate is expired, unknown or from another authority; join the device again',
  },
  device_revoked: { status: 403, message: 'the device has been revoked; remove it and join it again with a new token' },

  // things
  site_unknown: { status: 404, message: 'no such site; "skerry site ls" lists them' },
  site_exists: { status: 409, message: 'a site of this name exists with other content; change it with "skerry apply"' },
  site_in_use: { status: 409, message: 'devices stand at the site; remove them first' },
  device_unknown: { status: 404, message: 'no such device; "skerry device ls" lists them' },
  device_status_refused: { status: 409, message: 'the device is not in a state that allows this' },
  token_unknown: { status: 404, message: 'no such join token; "skerry device token ls" lists them' },
  token_refused: {
    status: 403,
    message: 'the join token is unknown, expired, revoked or used up; make a new one with "skerry device token create"',
  },
  csr_invalid: {
    status: 400,
    message: 'the certificate request is not PKCS #10 in PEM with a P-256 key and a valid signature',
  },
  model_unknown: { status: 404, message: 'no such model; "skerry model ls" lists them' },
  model_in_use: { status: 409, message: 'a deployment uses it; remove the deployment first' },
  version_unknown: { status: 404, message: 'no such version; "skerry model show" lists them' },
  version_in_use: { status: 409, message: 'a deployment or an alias uses the version; move those first' },
  alias_unknown: { status: 404, message: 'no such alias; "skerry model show" lists them' },
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
  key_unknown: { status: 404, message: 'no such key; "skerry key ls" lists them' },
  key_exists: { status: 409, message: 'a key of this name exists; choose another name' },

  // a model that is refused, at the hub or on a device
  model_not_onnx: { status: 422, message: 'the file is not an ONNX model' },
  model_too_complex: { status: 422, message: 'the model nests deeper, or holds more nodes, than any runtime loads' },
  model_incomplete: { status: 422, message: 'the model refers to external data that was not pushed with it' },
  model_path_unsafe: { status: 422, message: 'the model refers to external data outside its own folder' },
  model_opset_unsupported: {
    status: 422,
    message: 'no runtime here loads the opset; export the model again with an older one',
  },
  model_operator_unsupported: { status: 422, message: 'no runtime here has the operator' },
  model_input_unsupported: { status: 422, message: 'an input or output is not a tensor of a type that can be served' },
  model_load_failed: { status: 422, message: 'the runtime refused to load the model' },
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
