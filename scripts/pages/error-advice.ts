/** What to do about each error code: the last column of docs/reference/errors.md. A code without advice does not compile. */
import type { ErrorCode } from '@skerry/contract/errors/errors'

export const errorAdvice: Record<ErrorCode, string> = {
  input_invalid: '`data.issues` names each field and what is wrong with it. Compare with `/docs` or `--help`.',
  selector_invalid:
    'Write a CEL expression that gives true or false, for example `site.country == "DE" && device.labels.line == "2"`.',
  analysis_invalid:
    'The message names the wave, the analysis and the condition. docs/deploying.md has a table of measures and what each gives.',
  window_invalid:
    'Five cron fields and an IANA time zone: `0 2 * * 1-5` and `Europe/Berlin`. The message says which part is wrong.',
  body_too_large: 'Send less at once: a large file goes up as an upload, in pieces; `skerry model push` does this.',
  route_unknown: 'Look the path up in `/docs`. Paths begin with `/v1`.',
  rate_limited: 'Wait for the seconds in `Retry-After`, then repeat the request.',
  hub_unavailable: 'Repeat it after `Retry-After`. If it stays, look at `/readyz` and at the log of the hub.',
  internal_error: 'Find the request id in the log of the hub: the whole chain of causes stands there. Then report it.',

  organisation_unknown: 'Compare the name with `skerry org ls`; what was removed does not come back.',
  organisation_exists: 'Names count once on a hub. Choose another, or go on with the one there is.',
  organisation_limit_reached: 'Remove organisations that nobody needs with `skerry org rm`, or run another hub.',
  organisation_claimed:
    'An operator cannot come into an organisation that has an owner. Ask the owner: `skerry user invite`.',

  organisation_disabled:
    'Devices go on serving meanwhile. An operator enables it again: `skerry org enable`; `skerry org show` says why it was disabled.',
  organisation_status_refused:
    'Look with `skerry org show`: only an active one can be disabled, only a disabled one enabled or removed.',
  device_quota_reached:
    'The message names quota and use. `skerry org use` shows both; remove devices that are gone with `skerry device rm`.',
  storage_quota_reached:
    'The message names quota and use. Remove versions with `skerry model rm`; their bytes count until they are collected, a day later.',
  request_quota_reached:
    'The message names quota and use. Find the program that asks too often; all keys and people of the organisation share the quota.',
  removal_unconfirmed: 'Send the name as `confirm`, or type it: `skerry org rm NAME --confirm NAME`.',

  key_missing: 'Run `skerry login`, or send the header `Authorization: Bearer sk_...`.',
  key_invalid: 'Have an owner make a new key with `skerry key create`, then `skerry login` with it.',
  session_ended: 'Sign in again. A session lasts 12 hours, and ends with the key that it was made with.',
  origin_refused:
    'Only pages of the hub may use the cookie. A program sends `Authorization: Bearer sk_...`; a proxy in front must keep `Host` and `Origin`.',
  permission_denied:
    'Use a key whose role has the permission that `/docs` names for the procedure; a viewer only reads.',
  sign_in_refused:
    'Check the address and the clock of the phone. After five wrong tries an address has to wait, from 30 s up to 15 minutes: `data.retryAfterMs` says how long. A new password comes by e-mail.',
  second_factor_missing: 'Type the six digits that the authenticator shows now, or one of the recovery codes.',
  second_factor_required:
    'Open "My account" in the console and set up an authenticator. Nothing else works until then.',
  second_factor_exists: 'Remove the one there is under "My account" first; that needs the password and a code.',
  session_stale: 'Sign out and in again, and do it within a quarter of an hour.',
  sign_in_last:
    'Add a passkey or another provider, or ask for a password by e-mail at the sign-in page, then try again.',
  passkey_unavailable:
    'Give the hub a name in DNS and start it with `--public-url https://NAME`. [WebAuthn](people.md#passkeys) knows no addresses made of numbers.',
  passkey_refused:
    'Begin again, and finish in the same browser within ten minutes, at the address that the hub calls its own (`--public-url`). If it stays, the audit trail and the log of the hub have `passkey_refused` with the reason. Was the counter going back? Then somebody may have copied the passkey: remove it.',
  passkey_unknown: 'Another page may have removed it. Look again under "My account".',
  passkey_exists: 'Use another security key, or the one there is.',
  passkeys_full: 'Remove those that are not used any more under "My account".',
  account_missing: 'An API key has no account. Sign in to the console with e-mail address and password.',
  password_weak: 'Take several words that have nothing to do with you.',
  reset_refused: 'A link counts once, and for an hour. Ask for another at the sign-in page.',
  mail_missing:
    'Start the hub with `--smtp-url` and `--mail-from`. Until then an owner removes and invites the person again.',
  invitation_refused: 'Ask whoever invited you for a new link: `skerry user invite`.',
  membership_missing:
    'The menu at the name of the organisation in the console, or `skerry org mine`, has those that you belong to. An owner of the other one can invite your address.',
  organisation_switched:
    'Another page of the same browser has switched. Choose in the dialog where to go on; nothing was done meanwhile.',
  session_bound:
    'Sign out, and sign in with your password or a passkey. A provider counts for the organisation that chose it. If you have no password, "Forgot your password?" at the sign-in page sends you a link to choose one.',
  login_unknown: 'The code counts for ten minutes, and once. Run `skerry login` again and take the new one.',
  login_pending: 'Open the link that `skerry login` shows, in any browser, and agree there.',
  login_refused:
    'Run `skerry login` again. If it was not you who refused, look at the audit trail: `account.refuseLogin`.',
  provider_unknown:
    'Look up the providers of the hub at `/v1/account/providers`; the operator names them in `--sso-file`.',
  provider_unreachable:
    'Try again. If it stays, the log of the hub has `provider_unreachable` with the reason: address, certificate, client or secret.',
  provider_refused:
    'Begin again at the sign-in page, and finish in the same browser within ten minutes. If it stays, the log of the hub has `provider_refused` with the reason.',
  provider_unlinked:
    'Sign in as before, then choose "My account" and add the provider. The hub does not give an account to whoever only has the same address.',
  person_refused:
    'The message says what is missing: a verified address, an allowed domain, a group with a role, or an invitation (`skerry user invite --email ADDRESS`).',
  certificate_missing: 'Only agents call this. Start the agent with `--join TOKEN`.',
  certificate_invalid: 'Check the clock of the device first. Then join it again with a new token.',
  expected_unknown: '`skerry device preauthorised ls` lists what was announced, with the ids.',
  expected_exists:
    'Nothing was added. Leave the one that the message names out of the list, or `skerry device preauthorised rm` it first.',
  join_denied:
    'If it was a mistake: `skerry device rm` forgets the request, and the device may ask again with a token that still counts.',
  key_fingerprint_wrong:
    'Do not let it in. `skerry agent --show-key` on the device prints the fingerprint of its key; `skerry device pending` shows the one that asks.',
  certificate_lapsed:
    'Nothing: the agent renews it by itself. An agent that is too old to do so is joined again with a new token.',
  certificate_lapsed_long:
    'Join it again with a new token. How long is too long, the organisation says: `skerry device rules --lapsed-days`.',
  device_duplicated:
    'Find out which of the two is the device: `skerry device show` names both addresses. End the other, and give the device a new key: revoke, remove, delete its data folder, join.',
  device_revoked:
    'If it was a mistake: `skerry device rm`, a new token, and join again. The device goes on serving meanwhile.',

  site_unknown: '`skerry site ls` lists sites, `skerry site create` makes one.',
  site_exists: 'Choose another name, or change the existing site with `skerry apply -f`.',
  site_in_use: 'Remove the devices that stand there first: `skerry device ls`, `skerry device rm`.',
  device_unknown: '`skerry device ls` lists devices by name and id. A device that never joined has neither.',
  device_quarantined:
    '`skerry device events DEVICE` says who put it there and why. `skerry device release` lets it out; what it has goes on serving meanwhile.',
  wipe_unconfirmed:
    'Send the name of the device, as `skerry device show` has it, as `confirm`. What a device deletes, nobody brings back.',
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
  signing_key_unknown: '`skerry signing-key ls` lists the keys; `skerry signing-key add` trusts one of a publisher.',
  signing_key_exists: 'Take another name, or look whether the key is there already: `skerry signing-key ls`.',
  signing_key_invalid:
    'Give the public half, as `openssl pkey -in key.pem -pubout` prints it. The curve must be P-256, P-384 or P-521.',
  signing_keys_full: 'An organisation may have 32 signing keys, revoked ones among them. More is a fleet of its own.',
  signing_key_state_refused:
    'Look at it with `skerry signing-key ls`. The key that the hub signs with is first retired by `skerry signing-key rotate`.',
  authority_unknown: '`skerry certificate status` lists them, with their ids.',
  authority_state_refused:
    'Look at it with `skerry certificate status`: a request is signed and imported, then used by `rotate`, then trusted, then retired.',
  authority_chain_refused:
    'The message says what is wrong. Hand in all of the chain in PEM: the certificate for the request, whoever signed it, up to the root, each an authority (CA:TRUE, keyCertSign) with room below it.',
  authority_in_use:
    'Devices that are connected renew by themselves; `skerry certificate status` counts those that have not. `--force` retires it anyway: those devices must join again.',
  authorities_full: 'Retire one that no device shows any more (`skerry certificate retire`), or cancel a request.',
  signature_refused:
    'The bundle must be by an active key of a publisher (`skerry signing-key ls`), over exactly the files that are pushed. The message says what is wrong.',
  version_untrusted:
    '`skerry model trust` says who signed the version and what is missing. Have it signed (`skerry model sign`), or change the rules (`skerry trust set`).',
  leaves_unacknowledged:
    'The message names the devices that would lose the model. `skerry deploy ... --plan` lists all of them under LEAVES. Confirm with `--yes`, or send `leaves.digest` of the plan as `acknowledgedLeaves`. Devices that came or went since the plan was made change the digest: look again.',
  parent_unknown: 'Push the parent first, or correct `--parent`; `skerry model show` lists the versions of a model.',
  alias_unknown: '`skerry model show` lists aliases; `skerry model alias` sets one.',
  upload_unknown: 'Begin it again; `skerry model push` does so by itself.',
  audit_damaged:
    "Keep a copy of the hub's data and of every checkpoint and export, and find out who could write to the database. Do not go on as if nothing were.",
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
  batch_unknown: 'See `skerry batch ls`.',
  batch_event_refused: 'Look at it with `skerry batch show`. Order: create, sign, send; retry only what has ended.',
  batch_empty:
    'Try the selector with `skerry batch create --dry-run`; devices that are pending or revoked do not count.',
  batch_too_large: 'Narrow the selector, or make several batches.',
  batch_expiry_passed: 'Create the batch again; `--expires` says how long it counts.',
  batch_key_refused:
    'The hub runs with `--separate-batch-keys`. Have a colleague sign or send with a key of theirs; see [batches](batches.md).',
  audit_archive_refused:
    'Archive less of it (`skerry audit archive --before`), or wait; `skerry audit retention` says how long records are kept at least, `skerry audit syslog` what a receiver has not taken yet.',
  audit_archive_mismatch: 'Make the archive anew with `skerry audit archive`, and remove with that file.',
  syslog_unknown: '`skerry audit syslog --to HOST` names one.',
  syslog_refused:
    'A receiver that is not public is named by whoever runs the hub: `skerry hub --webhook-allow HOST:PORT`. Certificates and keys are PEM; the key must be that of the certificate.',
  intrusion_unknown: '`skerry intrusion ls` lists findings with their ids.',
  intrusion_closed: 'Nothing is left to do: `skerry intrusion show` says who dismissed it and why.',
  intrusion_nothing_done:
    'A rule acts only where its response is `on` (`skerry intrusion rules`), and what it did is undone only once.',
  intrusion_webhook_unknown: '`skerry intrusion webhook set URL` names one.',
  intrusion_webhook_refused:
    'The name must resolve, to public addresses. One that is not public is named by whoever runs the hub: `skerry hub --webhook-allow HOST:PORT`.',
  key_unknown: '`skerry key ls` lists keys.',
  secret_unknown: '`skerry secret ls` lists secrets with their ids.',
  secrets_full:
    'At most 64 secrets and 192 KiB for the organisation, for a site or for a device: `skerry secret rm`, or give some a narrower scope.',
  connection_unknown: '`skerry source ls` lists sources with their scopes and ids.',
  connections_full:
    'At most 64 sources, and 64 sinks, for the organisation, for a site or for a device: `skerry source rm`, or give some a narrower scope.',
  encryption_key_unavailable:
    'The message names the file, program or variable. Put the key back, from its backup where it is lost: see docs/secrets.md.',
  key_exists: 'Choose another name, or revoke the key that has it.',

  user_unknown: '`skerry user ls` lists the people of this organisation.',
  session_unknown: '`skerry user sessions PERSON` lists them. One that has ended needs no ending.',
  invitation_unknown: '`skerry user invitations` lists those that still count.',
  approval_needed:
    'Somebody else runs `skerry approval approve REQUEST`; then do exactly the same again. `skerry approval show REQUEST` tells how it stands.',
  approval_unknown: '`skerry approval ls` shows the ids.',
  approval_closed: 'Do again what was asked for: that makes a new request.',
  approval_refused: 'Ask somebody who has had no hand in it, and whose role allows what is asked for.',
  role_unknown: '`skerry role ls` shows the names.',
  role_exists: 'Choose another name, or `skerry role edit` the one that there is.',
  role_built_in: '`skerry role create` makes one of your own, with what you want of it.',
  role_in_use:
    'The message says who has it: `skerry user set-role`, `skerry key revoke`, `skerry user uninvite`, then repeat it.',
  role_limit_reached: '`skerry role ls` says which nobody has; `skerry role rm` removes them.',
  scope_exceeded: 'Narrow the selector as the message says, or ask somebody whose role reaches further.',
  scope_refused: 'Ask somebody whose role has no scope; `skerry whoami` shows yours.',
  role_refused: 'Ask somebody whose role has everything that the other role has; an owner can.',
  owner_last: '`skerry user set-role PERSON owner` for somebody else, then repeat it.',

  device_unreachable:
    'Look at `skerry device show`: since when is it away? It must be on, connected, and run its agent. Then ask again. After a hub has ended, its devices come to another within seconds.',
  hub_peer_unreachable:
    'Hubs of one database must reach each other: is `--peer-address` of the hub that the message names right, is the port open between them, are their clocks right? See [running](running.md#more-than-one-hub).',
  device_outdated: 'Update the agent on the device. It goes on working as it is; only this it cannot do.',
  device_busy: 'Ask again in a moment: a device works on four commands at once, and its model has a queue of its own.',
  hub_busy:
    'Ask again after `Retry-After`. The hub holds 256 commands and 192 MiB of large bodies at once; an organisation has at most half of what others leave.',
  command_timeout:
    'Ask again with a longer `timeoutMs` (two minutes at most), or with less to compute; `skerry device logs` tells how the device fares.',
  command_cancelled: 'Nothing: it is only seen in the audit trail, where somebody went away before the answer came.',
  command_unknown: 'Nothing: the command has been answered, or nobody waits for it any more.',
  command_failed: 'The message says what went wrong on the device; `skerry device logs` tells more.',
  model_unserved:
    'Deploy the model there with `skerry deploy`, or ask a device that serves it: `skerry device show` lists what.',
  inference_refused:
    'Compare the inputs with the signature: `skerry model show NAME:VERSION` shows names, types and shapes.',
  inference_failed:
    'The model itself failed on these inputs. Try the golden inputs of the version: if they work, it is the inputs.',
  answer_too_large:
    'Name the `outputs` that you need, or send a smaller batch. An endpoint on the device has no such limit.',
  source_unknown:
    '`skerry source ls --device NAME` lists what counts there, and how it does. One that was just set runs within seconds.',
  tag_unknown: '`skerry source show NAME` lists its tags.',
  flow_unknown:
    '`skerry device show NAME` lists what the device runs. A flow is there once a rollout has made it active; one that waits says what for.',
  watchers_full:
    'Close pages and end programs that watch. A key or person has 32 streams at once, an organisation 256 from one address, and in all half of what the others leave of 1,000; for flows and sources 64. A single look (`skerry flow look`) needs no place.',
  tag_interlocked:
    'The message names the condition and what its tags said. See to the equipment until the condition holds, then write again; what it asks for is `write.interlock` of the tag in [sources](sources.md#interlocks).',
  write_refused:
    'Nothing has reached the equipment, or it said no. Where the message names bounds or says that the tag is not writable, see `write` of the tag in [sources](sources.md).',
  write_unverified:
    'Read the tag with `skerry source read`, and look at the equipment, before you write again: it may have what was written.',

  source_refused:
    'The message says what the device cannot do: a protocol that its agent does not speak, an address that is none, or a secret that it does not have.',
  browse_unknown:
    'Write its tags down by hand, from its manual. OPC UA, Sparkplug, MQTT, IEC 104, SNMP, BACnet, EtherNet/IP, SQL, files, HTTP, webhooks and recordings can be looked into.',
  browse_failed: 'See `skerry source ls --device NAME` for whether it is connected, and give the path as it was shown.',

  model_not_onnx: 'Export the model as ONNX (`torch.onnx.export`, `skl2onnx`, `tf2onnx`) and push that file.',
  model_too_complex:
    'Check the file: an exporter that unrolled a loop, or wrote functions that call each other, makes such graphs. The message names the limit.',
  flow_invalid:
    'The message names the file and the place in it; `skerry flow validate FILE` says the same before anything is pushed.',
  model_kind_differs: 'Push it under another name; `skerry model ls` says which names are models and which are flows.',
  version_not_model: '`skerry flow show` says what a flow is made of.',
  model_incomplete: 'Push the external data files along with the model: the message names those that are missing.',
  model_path_unsafe: 'Save the model again with its external data beside it, under plain relative names.',
  model_opset_unsupported: 'Export again with the opset that the message names, or an older one.',
  model_operator_unsupported: 'The message names the operator. Export without custom operators.',
  model_input_unsupported:
    'The message names the input or output. Sequences, maps and optionals cannot be served; give tensors.',
  model_load_failed:
    'The message is from the runtime. `onnx.checker.check_model(model, full_check=True)` often says more.',
  model_load_timeout:
    'Run `onnxsim` or `onnx.inliner` on the file first: the runtime spends the time on the graph. A model that loads slowly here loads slower on a small device.',
  model_memory_exceeded: 'Quantise or split the model. Devices are smaller than the hub is.',
  push_queue_full:
    'Nothing was lost: the uploads are kept. Wait as long as Retry-After says, then push again. Each organisation has its own share.',
  model_crashed:
    'The runtime ended in native code, which says the model is broken or the runtime is. The last good version goes on serving.',
  golden_invalid: 'Compare names, types and shapes of the golden inputs with `skerry model show`.',
  golden_timeout: 'Push fewer or smaller golden inputs. A model that is slow here is slower on a small device.',
  golden_memory_exceeded: 'Push smaller golden inputs, with a batch of one.',
  golden_not_finite:
    'Look for a division by zero or an overflow in the model, or for a golden input that it was never made for.',
}
