/** What to do about each error code: the last column of docs/errors.md. A code without advice does not compile. */
import type { ErrorCode } from '@skerry/contract/errors'

export const errorAdvice: Record<ErrorCode, string> = {
  input_invalid: '`data.issues` names each field and what is wrong with it. Compare with `/docs` or `--help`.',
  selector_invalid:
    'Write a CEL expression that gives true or false, for example `site.country == "DE" && device.labels.line == "2"`.',
  body_too_large: 'Send less at once: a large file goes up as an upload, in pieces; `skerry model push` does this.',
  route_unknown: 'Look the path up in `/docs`. Paths begin with `/v1`.',
  rate_limited: 'Wait for the seconds in `Retry-After`, then repeat the request.',
  hub_unavailable: 'Repeat it after `Retry-After`. If it stays, look at `/readyz` and at the log of the hub.',
  internal_error: 'Find the request id in the log of the hub: the whole chain of causes stands there. Then report it.',

  key_missing: 'Run `skerry login`, or send the header `Authorization: Bearer sk_...`.',
  key_invalid: 'Have an owner make a new key with `skerry key create`, then `skerry login` with it.',
  session_ended: 'Sign in again. A session lasts 12 hours, and ends with the key that it was made with.',
  origin_refused:
    'Only pages of the hub may use the cookie. A program sends `Authorization: Bearer sk_...`; a proxy in front must keep `Host` and `Origin`.',
  permission_denied:
    'Use a key whose role has the permission that `/docs` names for the procedure; a viewer only reads.',
  certificate_missing: 'Only agents call this. Start the agent with `--join TOKEN`.',
  certificate_invalid: 'Check the clock of the device first. Then join it again with a new token.',
  device_revoked:
    'If it was a mistake: `skerry device rm`, a new token, and join again. The device goes on serving meanwhile.',

  site_unknown: '`skerry site ls` lists sites, `skerry site create` makes one.',
  site_exists: 'Choose another name, or change the existing site with `skerry apply -f`.',
  site_in_use: 'Remove the devices that stand there first: `skerry device ls`, `skerry device rm`.',
  device_unknown: '`skerry device ls` lists devices by name and id. A device that never joined has neither.',
  device_status_refused:
    '`skerry device show` says which state it is in: only a pending one can be approved, only a paused one resumed.',
  token_unknown: '`skerry device token ls` lists tokens by their id; the text of a token is never shown again.',
  token_refused: 'Make a new token with `skerry device token create`; raise `--uses` where several devices share one.',
  csr_invalid:
    'Agents make a right one by themselves. Elsewhere: `openssl ecparam -name prime256v1`, then `openssl req -new`.',
  model_unknown: '`skerry model ls` lists models. A push makes one.',
  model_in_use: '`skerry deployment ls` shows which deployment uses it; remove that first.',
  version_unknown: '`skerry model show` lists the versions of a model.',
  version_in_use: 'Move the alias or change the deployment first; `skerry model show` lists both.',
  alias_unknown: '`skerry model show` lists aliases; `skerry model alias` sets one.',
  upload_unknown: 'Begin it again; `skerry model push` does so by itself.',
  upload_offset_wrong: 'Ask for the upload and go on from its `offsetBytes`.',
  upload_digest_wrong: 'The bytes changed on the way or the file changed meanwhile. Push again.',
  blob_unknown: 'Upload the blob first; `skerry model push` does both.',
  blob_damaged:
    'A disk fault, most likely: look at the disk of the hub, then push the version again. The damaged file was set aside, not deleted.',
  storage_full: 'Remove versions that nothing uses (`skerry model rm`), or give the data folder of the hub more space.',
  deployment_unknown: '`skerry deployment ls` lists deployments.',
  revision_stale: 'Show it again, repeat your change on top of what stands there now, and send the new revision along.',
  rollout_unknown: '`skerry rollout ls` lists rollouts.',
  rollout_event_refused:
    '`skerry rollout show` says where it stands; one that has ended cannot be paused, resumed or aborted.',
  key_unknown: '`skerry key ls` lists keys.',
  key_exists: 'Choose another name, or revoke the key that has it.',

  model_not_onnx: 'Export the model as ONNX (`torch.onnx.export`, `skl2onnx`, `tf2onnx`) and push that file.',
  model_too_complex: 'Check the file: an exporter that unrolled a loop makes such graphs. The message names the limit.',
  model_incomplete: 'Push the external data files along with the model: the message names those that are missing.',
  model_path_unsafe: 'Save the model again with its external data beside it, under plain relative names.',
  model_opset_unsupported: 'Export again with the opset that the message names, or an older one.',
  model_operator_unsupported: 'The message names the operator. Export without custom operators.',
  model_input_unsupported:
    'The message names the input or output. Sequences, maps and optionals cannot be served; give tensors.',
  model_load_failed:
    'The message is from the runtime. `onnx.checker.check_model(model, full_check=True)` often says more.',
  model_crashed:
    'The runtime ended in native code, which says the model is broken or the runtime is. The last good version goes on serving.',
  golden_invalid: 'Compare names, types and shapes of the golden inputs with `skerry model show`.',
  golden_timeout: 'Push fewer or smaller golden inputs. A model that is slow here is slower on a small device.',
  golden_memory_exceeded: 'Push smaller golden inputs, with a batch of one.',
  golden_not_finite:
    'Look for a division by zero or an overflow in the model, or for a golden input that it was never made for.',
}
