/** The next action for each error code: the last column of docs/reference/errors.md. A code without advice does not compile. */
import type { ErrorCode } from '@skerry/contract/errors/errors'
import { versionAdvice } from './version-advice.ts'

export const errorAdvice: Record<ErrorCode, string> = {
  input_invalid: '`data.issues` names each field and what is wrong with it. Compare with `/docs` or `--help`.',
  selector_invalid:
    'Write a CEL expression that gives true or false, for example `site.country == "DE" && device.labels.line == "2"`.',
  filter_invalid:
    'Write words, such as `anomaly site:oslo health:failed`, or a selector. Put a word with `:` or an operator into double quotes to find it as text.',
  analysis_invalid:
    'The message names the wave, the analysis and the condition. docs/deploying.md has a table of measures and their results.',
  window_invalid:
    'Give five cron fields and an IANA time zone: `0 2 * * 1-5` and `Europe/Berlin`. The message names the wrong part.',
  body_too_large: 'Send less at once. Send a large file as an upload, in pieces; `skerry model push` does this.',
  route_unknown: 'Find the path in `/docs`. Paths begin with `/v1`.',
  rate_limited: 'Wait for the seconds in `Retry-After`, then repeat the request.',
  hub_unavailable:
    'Repeat the request after `Retry-After`. If that does not help, look at `/readyz` and at the log of the hub.',
  internal_error:
    'Find the request id in the log of the hub: the entry has the whole chain of causes. Then report the fault.',

  organisation_unknown: 'Compare the name with `skerry org ls`. A removed organisation cannot be restored.',
  organisation_exists: 'A name is unique on a hub. Choose another, or use the existing organisation.',
  organisation_limit_reached: 'Remove unused organisations with `skerry org rm`, or run another hub.',
  organisation_claimed:
    'An operator cannot join an organisation that has an owner. Ask the owner for an invitation: `skerry user invite`.',

  organisation_disabled:
    'Devices continue to serve meanwhile. An operator enables it again with `skerry org enable`; `skerry org show` shows the reason.',
  organisation_status_refused:
    'See `skerry org show`: only an active organisation can be disabled, only a disabled one can be enabled or removed.',
  device_quota_reached:
    'The message has the quota and the current use, as has `skerry org use`. Remove devices that no longer exist with `skerry device rm`.',
  storage_quota_reached:
    'The message has the quota and the current use. Remove versions with `skerry model rm`; the hub frees their bytes a day later.',
  request_quota_reached:
    'The message has the quota and the current use. Find the program that sends too many requests; all keys and people of the organisation share the quota.',
  removal_unconfirmed: 'Send the name as `confirm`, or type it: `skerry org rm NAME --reason TEXT --confirm NAME`.',

  key_missing: 'Run `skerry login`, or send the header `Authorization: Bearer sk_...`.',
  key_invalid: 'Have an owner make a new key with `skerry key create`, then `skerry login` with it.',
  session_ended: 'Sign in again. A session lasts 12 hours, and ends with the key that it began with.',
  origin_refused:
    'Only pages of the hub may use the cookie. A program sends `Authorization: Bearer sk_...`. A proxy in front must keep `Host` and `Origin`.',
  permission_denied:
    'Use a key or an account whose role has the permission that `/docs` names for the procedure. A viewer can only read.',
  sign_in_refused:
    'Check the address and the clock of the phone. After five wrong attempts an address has to wait, from 30 s up to 15 minutes: `data.retryAfterMs` has the time. You can request a new password by e-mail.',
  second_factor_missing: 'Type the six digits that the authenticator shows now, or one of the recovery codes.',
  second_factor_required:
    'Open "My account" in the console and set up an authenticator. You can do nothing else until then.',
  second_factor_exists: 'Remove the existing one under "My account" first. You need the password and a code.',
  session_stale: 'Sign out and in again, and repeat the request within a quarter of an hour.',
  sign_in_last:
    'Add a passkey or another provider, or request a password by e-mail at the sign-in page, then try again.',
  passkey_unavailable:
    'Give the hub a name in DNS and start it with `--public-url https://NAME`. [WebAuthn](../people.md#passkeys) does not work with numeric addresses.',
  passkey_refused:
    'Start again, and finish in the same browser within ten minutes, at the address in `--public-url` of the hub. If that does not help, find `passkey_refused` with its reason in the audit trail or the log of the hub. If the counter of the passkey did not increase, somebody may have copied it: remove it.',
  passkey_unknown: 'It may have been removed on another page. Look again under "My account".',
  passkey_exists: 'Use another security key, or the existing passkey.',
  passkeys_full: 'Remove unused passkeys under "My account".',
  account_missing: 'An API key has no account. Sign in to the console with e-mail address and password.',
  password_weak: 'Use several words that have nothing to do with you.',
  reset_refused: 'A link is valid once, for an hour. Request a new one at the sign-in page.',
  mail_missing:
    'Start the hub with `--smtp-url` and `--mail-from`. Without them, an owner removes the person and invites the person again.',
  invitation_refused: 'Ask the person who invited you for a new link: `skerry user invite`.',
  membership_missing:
    '`skerry org mine`, and the menu at the name of the organisation in the console, list the organisations that you belong to. An owner of the other one can invite you.',
  organisation_switched:
    'Another page of the same browser has switched. Choose in the dialog where to continue; nothing was changed meanwhile.',
  session_bound:
    'Sign out, and sign in with your password or a passkey. A provider is valid for its own organisation only. If you have no password, "Forgot your password?" at the sign-in page sends you a link to choose one.',
  login_unknown: 'The code is valid once, for ten minutes. Run `skerry login` again and use the new code.',
  login_pending: 'Open the link that `skerry login` shows in any browser, and agree there.',
  login_refused:
    'Run `skerry login` again. If you did not reject it yourself, look for `account.refuseLogin` in the audit trail.',
  provider_unknown: 'See the providers of the hub at `/v1/account/providers`. The operator sets them in `--sso-file`.',
  provider_unreachable:
    'Try again. If that does not help, find `provider_unreachable` in the log of the hub. It has the reason: address, certificate, client or secret.',
  provider_refused:
    'Start again at the sign-in page, and finish in the same browser within ten minutes. If that does not help, find `provider_refused` with its reason in the log of the hub.',
  provider_unlinked:
    'Sign in as before, then choose "My account" and add the provider. The same address alone does not open an existing account.',
  person_refused:
    'The message names the missing part: a verified address, an allowed domain, a group with a role, or an invitation (`skerry user invite --email ADDRESS`).',
  certificate_missing: 'Only agents call this. Start the agent with `--join TOKEN`.',
  certificate_invalid: 'Check the clock of the device first. Then join the device again with a new token.',
  expected_unknown: '`skerry device preauthorised ls` lists the expected devices with their ids.',
  expected_exists:
    'Nothing was added. Leave the device that the message names out of the list, or remove the old entry with `skerry device preauthorised rm`.',
  join_denied:
    'If it was a mistake, run `skerry device rm`. The device can then join with a token that is still valid.',
  key_fingerprint_wrong:
    'Do not approve the device. `skerry agent --show-key` on the device prints the fingerprint of its key. `skerry device pending` shows the one of the pending device.',
  certificate_lapsed:
    'Do nothing: the agent renews it by itself. If the agent is too old for that, join the device again with a new token.',
  certificate_lapsed_long:
    'Join the device again with a new token. The organisation sets the time limit with `skerry device rules --lapsed-days`.',
  device_duplicated:
    'Find out which of the two is the device: `skerry device show` has both addresses. End the other, and give the device a new key: revoke and remove it, delete its data folder, and join it again.',
  device_revoked:
    'If it was a mistake, run `skerry device rm`, then join the device again with a new token. It continues to serve meanwhile.',

  site_unknown: '`skerry site ls` lists sites, `skerry site create` makes one.',
  site_exists: 'Choose another name, or change the existing site with `skerry apply -f`.',
  site_in_use: 'Remove the devices of the site first: `skerry device ls`, `skerry device rm`.',
  device_unknown: '`skerry device ls` lists devices by name and id. A device that never joined is not listed.',
  device_quarantined:
    '`skerry device events DEVICE` shows the person and the reason. `skerry device release` ends the quarantine. The device continues to serve its versions meanwhile.',
  wipe_unconfirmed:
    'Send the name of the device, as in `skerry device show`, as `confirm`. Deleted data of a device cannot be restored.',
  device_status_refused:
    '`skerry device show` shows its state: only a pending device can be approved, only a paused one resumed.',
  token_unknown: '`skerry device token ls` lists tokens by their id. The text of a token is shown only once.',
  token_refused: 'Make a new token with `skerry device token create`. If several devices share one, raise `--uses`.',
  csr_invalid:
    'Agents send a correct request by themselves. Elsewhere use `openssl ecparam -name prime256v1`, then `openssl req -new`.',
  model_unknown: '`skerry model ls` lists models. A push creates one.',
  model_in_use: '`skerry deployment ls` shows the deployment that uses it. Remove that first.',
  version_unknown: '`skerry model show` lists the versions of a model.',
  version_in_use: 'Move the alias or change the deployment first; `skerry model show` lists both.',
  signing_key_unknown: '`skerry signing-key ls` lists the keys; `skerry signing-key add` adds the key of a publisher.',
  signing_key_exists: 'Choose another name, or check whether you have the key already: `skerry signing-key ls`.',
  signing_key_invalid:
    'Give the public half, as `openssl pkey -in key.pem -pubout` prints it. The curve must be P-256, P-384 or P-521.',
  signing_keys_full:
    'An organisation may have 32 signing keys, including revoked ones. If you need more, use another organisation.',
  signing_key_state_refused:
    'See `skerry signing-key ls`. To retire the key that the hub signs with, run `skerry signing-key rotate` first.',
  authority_unknown: '`skerry certificate status` lists authorities with their ids.',
  authority_state_refused:
    'See `skerry certificate status`: a request is signed and imported, `rotate` puts it to use, later it is only trusted, then retired.',
  authority_chain_refused:
    'The message says what is wrong. Import the whole chain in PEM: the certificate for the request, then its issuer, up to the root. Each must be an authority (CA:TRUE, keyCertSign) and permit the authorities below it (pathLenConstraint).',
  authority_in_use:
    'Connected devices renew by themselves; `skerry certificate status` counts the others. `--force` retires the authority anyway: those devices must join again.',
  authorities_full:
    'Retire an authority that no device uses any more (`skerry certificate retire`), or cancel a request.',
  signature_refused:
    'The bundle must have a signature of an active key of a publisher (`skerry signing-key ls`) over exactly the pushed files. The message says what is wrong.',
  version_untrusted:
    '`skerry model trust` shows the signers of the version and the missing signatures. Have it signed (`skerry model sign`), or change the rules (`skerry trust set`).',
  leaves_unacknowledged:
    'The message names the devices that would lose the model. `skerry deploy ... --dry-run` lists all of them under LEAVES. Confirm with `--yes`, or send `leaves.digest` of the plan as `acknowledgedLeaves`. The digest changes with the list of devices, so a plan can become outdated: make a new one.',
  parent_unknown: 'Push the parent first, or correct `--parent`; `skerry model show` lists the versions of a model.',
  alias_unknown: '`skerry model show` lists aliases; `skerry model alias` sets one.',
  upload_unknown: 'Start it again; `skerry model push` does so by itself.',
  audit_damaged:
    "Keep a copy of the hub's data and of every checkpoint and export, and find out who could write to the database. Do not continue as if nothing had happened.",
  upload_offset_wrong: 'Fetch the upload and continue at its `offsetBytes`.',
  upload_digest_wrong: 'The bytes changed during the transfer, or the file changed meanwhile. Push again.',
  blob_unknown: 'Upload the blob first; `skerry model push` does both.',
  blob_damaged:
    'Most likely a disk fault: check the disk of the hub, then push the version again. The hub has moved the damaged file aside, not deleted it.',
  storage_full: 'Remove unused versions (`skerry model rm`), or give the data folder of the hub more space.',
  deployment_unknown: '`skerry deployment ls` lists deployments.',
  revision_stale: 'Show it again, repeat your change on the current content, and send the new revision with it.',
  rollout_unknown: '`skerry rollout ls` lists rollouts.',
  revision_unknown:
    'Choose a revision of `skerry deployment revisions`. The hub keeps the last ten, and older ones while a device can still roll back to them.',
  rollback_target_missing:
    'Choose a revision yourself: `skerry deployment rollback NAME --to REVISION`. Only revisions that were done count by default.',
  rollback_target_same: 'Choose another revision, or do nothing: the deployment runs this already.',
  rollout_event_refused:
    '`skerry rollout show` shows its state. To return the devices of a finished rollout to an earlier revision, use `skerry deployment rollback`.',
  build_unknown: 'See `skerry build ls NAME:VERSION`.',
  build_in_use: 'See `skerry deployment revisions`. Revisions are kept while a device can roll back to them.',
  bench_refused:
    'Devices run a version on its golden inputs, so it needs some. Push the same files with `--golden`. The message names another reason.',
  placement_missing:
    'The deployment is on all devices of its selector. Give it a policy with `skerry deploy NAME --place edge`. See [places](../models/places.md).',
  class_unknown:
    'See the classes with `skerry device show DEVICE`. Only a device that the selector picks shows what a further one would do.',
  data_class_refused:
    'Run it on devices of a site with the clearance, or raise the clearance of the site in the console or with `skerry apply`, if it may handle such data.',
  scaling_missing:
    'The number of workers is `serving.instances`, and that of replicas `placement.replicas`. Give the deployment a policy with `serving.scaling` or `placement.scaling` in its file, and run `skerry apply -f FILE`. See [scaling](../models/scaling.md).',
  catalogue_unknown: 'See `skerry market catalogue ls`.',
  catalogue_refused:
    'The message names the reason: an index that is missing, expired, rolled back, mixed, or signed by another key. Get the newest copy from its publisher. See [the marketplace](../market/market.md).',
  listing_unknown: 'See `skerry market search`.',
  listing_tampered: 'Copy the catalogue again from its publisher. Nothing was installed.',
  submission_unknown: 'See `skerry market review ls`.',
  submission_refused:
    'The message names the signature, the version, or the check of level 1 that failed on the hub. Correct the listing, and run `skerry market submit` again. See [publish](../market/publish.md).',
  submission_decided: 'See `skerry market review show`. Submit the version again if it was rejected or withdrawn.',
  submission_own: 'Ask another person with the permission `market.review`.',
  submission_foreign: 'Ask the person who submitted it, or reject it with `skerry market review reject`.',
  entitlement_refused:
    'The message names the key, the organisation, the trial or the emergency period. Ask the publisher for an entitlement of your organisation.',
  entitlement_missing:
    'Ask the publisher for an entitlement, and add it with `skerry market entitlement add`. For a replaced device, use `skerry market entitlement emergency`. Nothing that runs is stopped.',
  installation_unknown: 'See `skerry market ls`.',
  installation_refused: 'The message names the setting or the version. `skerry market show LISTING` lists both.',
  market_permission_unaccepted:
    'Read the purposes with `skerry market show LISTING`. Repeat the command with `--accept`, if you accept them.',
  monitor_unknown: 'See `skerry monitor ls`.',
  monitor_refused: 'Only a model or a source has a monitor. See [monitors](../models/monitors.md).',
  hold_unknown: 'See `skerry monitor show MODEL`. Another person may have released it.',
  profile_unknown: 'Make one with `skerry monitor baseline`.',
  profile_refused:
    'Give rows that fit the inputs of the model, 33 at least: `skerry monitor baseline NAME --data rows.npz`.',
  settings_unknown:
    'See `skerry settings ls`. The places without settings of their own use those of their site or organisation.',
  pair_unknown: 'See `skerry pair ls`.',
  pair_refused: 'The message names the reason. See [pairs](../devices/pairs.md).',
  model_feed_unknown: 'See `skerry model-feed ls`.',
  model_feed_refused: 'The message names the reason. See [Importing models](../models/importing.md).',
  git_source_unknown: 'See `skerry git-source ls`.',
  git_source_refused: 'The message names the reason. See [Git sources](../devices/git-sources.md).',
  git_hook_refused:
    'Make a new webhook with `skerry git-source webhook`, and enter its URL and secret at the Git server.',
  alert_unknown: 'See `skerry alerts`: its second table begins with the ids.',
  alert_not_answerable: 'Remove the cause. The alert names the next step.',
  alert_changed: 'Look at the equipment again, then run `skerry alerts ack ALERT`.',
  alert_not_shelved: 'Nothing. The alert is in the list already.',
  group_unknown: 'See `skerry group ls`, and create it with `skerry group set`.',
  group_refused: 'The message names the reason. See [groups](../devices/groups.md).',
  group_used: 'See the uses with `skerry group show`. Change their selectors, then remove the group.',
  model_route_unknown: 'See `skerry route ls`, and create it with `skerry route create`.',
  route_refused: 'The message names the reason. See [routes](../models/routes.md).',
  capture_unknown: 'See `skerry capture ls`, and declare it with `skerry capture set`.',
  capture_refused:
    'The message names the reason. If a label file names no device, give the columns `predicted`, `version` and `time`. See [captures](../models/captures.md).',
  campaign_unknown: 'See `skerry campaign ls`.',
  campaign_exists: 'A campaign keeps its name after its end, because versions name it. Choose another name.',
  campaign_over:
    'See `skerry campaign show NAME`. Its versions stay. Start another campaign with `skerry campaign create FILE`.',
  survey_unknown: 'See `skerry survey ls`.',
  survey_exists: 'Surveys and campaigns share their names, because devices consent by name. Choose another name.',
  survey_over: 'See `skerry survey show NAME`. Start another survey with `skerry survey create FILE`.',
  survey_refused:
    'The message names the reason. Try the file with `skerry survey create FILE --dry-run`. See [surveys](../models/surveys.md).',
  campaign_refused:
    'The message names the reason. Try the file with `skerry campaign create FILE --dry-run`. See [campaigns](../models/campaigns.md).',
  learning_unknown: 'See `skerry learn ls`.',
  learning_exists:
    'See `skerry learn show NAME`. Wait for its end, or end it with `skerry learn cancel NAME --reason REASON`.',
  learning_over: 'See `skerry learn show NAME`. Its versions stay. Start another one with `skerry learn start`.',
  learning_fleet_unknown: 'See `skerry learn fleet ls`.',
  learning_mark_unknown: 'See the marks in `skerry learn show NAME`.',
  learning_refused: 'The message names the reason. See [learn normal](../models/learn-normal.md).',
  optimisation_unknown: 'See `skerry optimisation ls`.',
  optimisation_ended: 'Its builds stay. Start another one with `skerry model optimise`.',
  optimisation_refused:
    'Builds are compared with their version on its golden cases, so the version needs some. Push the same files with `--golden`.',
  optimisation_quota_reached:
    'A hub makes one build at a time. Wait, or end one that nobody needs with `skerry optimisation cancel`; `skerry optimisation ls` lists them.',
  calibration_invalid:
    'Give at least two rows, with one array for each input of the model, of its type and shape, without NaN. `skerry model show` lists the inputs.',
  batch_unknown: 'See `skerry batch ls`.',
  batch_event_refused:
    'See `skerry batch show`. The order is create, sign, send; only a batch that has ended can be retried.',
  batch_empty: 'Try the selector with `skerry batch create --dry-run`. Pending and revoked devices do not count.',
  batch_too_large: 'Narrow the selector, or make several batches.',
  batch_expiry_passed: 'Create the batch again; `--expires` sets its expiry.',
  batch_key_refused:
    'The hub runs with `--separate-batch-keys`. Ask a colleague to sign or send with another key; see [batches](../batches.md).',
  audit_archive_refused:
    'Archive less (`skerry audit archive --before`), or wait. `skerry audit retention` shows the minimum time that records are kept; `skerry audit syslog` shows how many the receiver has yet to get.',
  audit_archive_mismatch:
    'Create the archive again with `skerry audit archive`, and remove the records with that file.',
  syslog_unknown: '`skerry audit syslog --to HOST` sets a receiver.',
  syslog_refused:
    'If the receiver has a private address, the operator must allow it: `skerry hub --webhook-allow HOST:PORT`. Certificates and keys are PEM, and the key must belong to the certificate.',
  intrusion_unknown: '`skerry intrusion ls` lists findings with their ids.',
  intrusion_closed: 'There is nothing to do: `skerry intrusion show` shows the person and the reason.',
  intrusion_nothing_done:
    'A rule acts only if its response is `on` (`skerry intrusion rules`), and an action can be undone only once.',
  intrusion_webhook_unknown: '`skerry intrusion webhook set URL` sets one.',
  intrusion_webhook_refused:
    'The name must resolve to public addresses. If it has a private address, the operator must allow it: `skerry hub --webhook-allow HOST:PORT`.',
  key_unknown: '`skerry key ls` lists keys.',
  secret_unknown: '`skerry secret ls` lists secrets with their ids.',
  secrets_full:
    'An organisation, a site or a device has at most 64 secrets and 192 KiB: remove some with `skerry secret rm`, or give some a narrower scope.',
  connection_unknown: '`skerry source ls` lists sources with their scopes and ids.',
  connections_full:
    'An organisation, a site or a device has at most 64 sources and 64 sinks: remove some with `skerry source rm`, or give some a narrower scope.',
  encryption_key_unavailable:
    'The message names the file, program or variable. Put the key back; if it is lost, take it from its backup: see docs/secrets.md.',
  key_exists: 'Choose another name, or revoke the existing key.',

  user_unknown: '`skerry user ls` lists the people of this organisation.',
  session_unknown: '`skerry user sessions PERSON` lists them. An ended session needs no action.',
  invitation_unknown: '`skerry user invitations` lists the valid ones.',
  approval_needed:
    'Another person runs `skerry approval approve REQUEST --reason TEXT`; then repeat exactly the same. `skerry approval show REQUEST` shows its state.',
  approval_unknown: '`skerry approval ls` lists requests with their ids.',
  approval_closed: 'Repeat the original action: that makes a new request.',
  approval_refused: 'Ask a person who took no part in the request, and whose role allows the action.',
  role_unknown: '`skerry role ls` lists roles.',
  role_exists: 'Choose another name, or change the existing role with `skerry role edit`.',
  role_built_in: '`skerry role create` creates a role of your own, with the permissions that you choose.',
  role_in_use:
    'The message names the people, keys and invitations: `skerry user set-role`, `skerry key revoke`, `skerry user uninvite`, then repeat it.',
  role_limit_reached: '`skerry role ls` shows unused roles; `skerry role rm` removes them.',
  scope_exceeded: 'Narrow the selector as the message says, or ask a person whose role covers more.',
  scope_refused: 'Ask a person whose role has no scope; `skerry whoami` shows yours.',
  role_refused: 'Ask a person whose role has every permission of the other role. An owner can always do it.',
  owner_last: 'Make another person an owner with `skerry user set-role PERSON owner`, then repeat it.',

  device_unreachable:
    'See `skerry device show` for the last contact. The device must be on, connected, and run its agent. Then try again. If its hub has ended, the device connects to another one within seconds.',
  hub_peer_unreachable:
    'Hubs of one database must reach each other. Check `--peer-address` of the hub that the message names, the port between them, and their clocks. See [running](../running.md#more-than-one-hub).',
  device_outdated: 'Update the agent on the device. Everything else continues to work.',
  device_busy: 'Try again in a moment. A device works on four commands at once, and its model has a queue of its own.',
  hub_busy:
    'Try again after `Retry-After`. The hub works on 256 commands and 192 MiB of large bodies at once. One organisation gets at most half of the room that others leave.',
  command_timeout:
    'Try again with a longer `timeoutMs` (two minutes at most), or with less to compute. `skerry device logs` shows the log of the device.',
  command_cancelled: 'Do nothing. Only the audit trail has this code, for callers who left before the answer came.',
  command_unknown: 'Do nothing: the command was answered, or no caller waits for it any more.',
  command_failed: 'The message says what went wrong on the device; `skerry device logs` has more.',
  model_unserved:
    'Deploy the model there with `skerry deploy`, or choose a device that serves it: `skerry device show` lists its models.',
  inference_refused:
    'Compare the inputs with the signature: `skerry model show NAME:VERSION` shows names, types and shapes.',
  inference_failed:
    'The model itself failed on these inputs. Try the golden inputs of the version: if they work, your inputs are the cause.',
  answer_too_large:
    'Name the `outputs` that you need, or send a smaller batch. The endpoint on the device has no such limit.',
  source_unknown:
    '`skerry source ls --device NAME` lists the sources of the device and their state. A new source runs within seconds.',
  tag_unknown: '`skerry source show NAME` lists its tags.',
  app_unknown:
    '`skerry device show NAME` lists the versions on the device. An app runs once a rollout has activated it; `skerry app show` lists its services.',
  grant_unknown: 'Get a grant with `skerry access request`. Only the person of a grant can use it.',
  grant_expired: 'Get a new grant with `skerry access request`, with a reason of today.',
  grant_revoked: 'Find the person who revoked it with `skerry access ls`, and ask them. Then get a new grant.',
  moderation_needed:
    'A rule of the organisation demands a second person who watches. Get a moderated grant for `shell` alone; `skerry approval rules` shows the rule.',
  grant_exceeded: 'Get a grant for it with `skerry access request`: the message says what the present one covers.',
  access_full:
    'Close sessions, or revoke grants. A device has at most 32 active grants, and an organisation 200 open sessions.',
  access_session_unknown: 'See `skerry access sessions`. Recordings are deleted after 90 days.',
  access_unwatched:
    'Watch the terminal with `skerry access watch`: the audit log records it. An ended one has a recording.',
  ticket_invalid: 'Open the session again, and connect within 30 seconds. A ticket counts once.',
  stream_unknown: 'Update the agent on the device. Everything else continues to work.',
  stream_refused: 'Check on the device that a program listens at the target, then try again.',
  access_refused:
    'The operator of the device decides which remote access it allows: start its agent with `--allow-remote`. See [remote access](../devices/remote-access.md).',
  flow_unknown:
    '`skerry device show NAME` lists the versions on the device. A flow runs once a rollout has activated it; a pending one shows its reason.',
  watchers_full:
    'Close pages and end programs that watch. A key or person has 32 streams at once, an organisation 256 from one address. All together get at most half of the room that others leave of 1,000; for flows and sources 64. A single look (`skerry flow look`) is always possible.',
  tag_interlocked:
    'The message names the condition and the values of its tags. Bring the equipment into a state that fulfils the condition, then write again. The condition is `write.interlock` of the tag: see [sources](../sources.md#interlocks).',
  write_refused:
    'Nothing reached the equipment, or the equipment rejected it. If the message names bounds or says that the tag is not writable, see `write` of the tag in [sources](../sources.md).',
  write_unverified:
    'Read the tag with `skerry source read`, and look at the equipment, before you write again: it may have the value already.',

  source_refused:
    'The message says what the device cannot do: its agent does not know the protocol, the address is invalid, or a secret is missing.',
  browse_unknown:
    'Write its tags by hand, from its manual. You can browse OPC UA, Sparkplug, MQTT, IEC 104, SNMP, BACnet, EtherNet/IP, SQL, files, HTTP, webhooks and recordings.',
  browse_failed: 'See `skerry source ls --device NAME` for its connection, and give the path exactly as it was shown.',

  ...versionAdvice,
}
