/** Condition advice: what each trouble that a device names about itself means, and what to do. docs/reference/device-codes.md says the same. */

export type ConditionAdvice = { means: string; action: string }

/** By the code that the device says; a newer agent may say others. */
export const conditionAdvice: Readonly<Record<string, ConditionAdvice>> = {
  clock_wrong: {
    means: 'its clock differs too much from the clock of the hub, or certificates are not valid yet',
    action: 'set the clock; the device continues to serve meanwhile',
  },
  certificate_expired: {
    means: 'its certificate expired while it was offline',
    action: 'it requests a new one by itself; if the hub rejects that, join the device again with a new token',
  },
  certificate_refused: {
    means: 'the hub does not accept its certificate',
    action: 'join the device again with a new token',
  },
  hub_certificate_refused: {
    means: 'the server that answers is not the hub that it joined',
    action: 'check addresses and proxies; a hub that was restored without its keys is another hub',
  },
  hub_unproved: {
    means:
      'the hub has the right TLS key, but no signature by the key that the device learned when it joined; the device ignores this hub',
    action:
      'somebody may have stolen the TLS key of the hub: see docs/security/key-compromise.md; if the hub was set up again with an old certificate, join the device again',
  },
  renewal_failed: {
    means: 'its certificate could not be renewed',
    action: "check the hub; a third of the certificate's validity is left",
  },
  identity_duplicated: {
    means: 'another device with the same key reports to the hub',
    action: 'find the copy, such as a cloned disk or machine; `skerry device show` has both addresses',
  },
  device_revoked: {
    means: 'a person revoked it',
    action: 'if that was a mistake, remove the device and join it again',
  },
  organisation_disabled: {
    means: 'the operator of the hub has disabled its organisation; the device continues to serve',
    action: 'ask the operator of the hub; the device comes back by itself once the organisation is enabled',
  },
  disk_low: {
    means: 'its disk has less free space than the reserve',
    action: 'make room; the device has removed old versions already',
  },
  generation_conflict: {
    means: 'it follows a generation that this hub never issued, or issued with other content',
    action: 'the hub was restored from a backup: check the device, then run `skerry device resume`',
  },
  generation_refused: {
    means: 'the hub offered an older generation than the device follows',
    action: 'the hub was restored from a backup: see [concepts](concepts.md)',
  },
  document_damaged: {
    means: 'the desired document does not match its digest',
    action: 'check the proxies in between',
  },
  document_unreadable: {
    means: 'the agent is too old for the desired document of the hub',
    action: 'update the agent',
  },
  report_unreadable: {
    means:
      'the hub cannot read the report of some items, because the agent is newer; the hub keeps their last readable report',
    action: 'update the hub',
  },
  update_locked: {
    means: 'an application on the device holds an update lock: the device installs nothing',
    action: 'stop the application that holds it, or deploy with `--locks ignore`',
  },
  window_unreadable: {
    means: 'it does not know the time zone of an update window, so it waits',
    action: 'update the agent, or apply the deployment with another zone',
  },
  authorities_refused: {
    means:
      'it rejects the new root certificates of the hub and keeps the old ones: they do not verify the hub, are not authorities, or cannot be written',
    action: 'read the message; keep the old root beside the next one; make room on a full disk',
  },
  trust_refused: {
    means: 'it rejects the rules of trust of the hub and keeps its earlier ones',
    action: 'read the message; if the hub was restored from a backup, create newer rules with "skerry trust set"',
  },
  secrets_refused: {
    means: 'it cannot decrypt the secrets of the hub, or cannot write them',
    action: 'make room on its disk; if that does not help, join it again',
  },
  model_key_refused: {
    means:
      'it cannot read the encryption key of its models: the file of `--seal-key` is missing or wrong, or `model-key.json` is damaged',
    action:
      'restore the right key and start the agent again; or delete `model-key.json`, then the device fetches its models again',
  },
  model_conversion_waits: {
    means: 'the encryption or decryption of its models is interrupted',
    action: 'read the message; usually, make room on the disk',
  },
  secrets_damaged: {
    means: 'it cannot decrypt the secrets on its disk with its store key',
    action: 'do nothing: the hub sends them again on the next connection',
  },
  secrets_folder_refused: {
    means: 'it cannot write secrets to the folder of `--secrets`',
    action: 'read the message; give the agent an empty folder that other users cannot open',
  },
  connections_refused: {
    means: 'it cannot fetch or write the sources and sinks of the hub',
    action: 'check the network and make room on its disk; the device tries again by itself',
  },
  connections_damaged: {
    means: 'the list of sources and sinks on its disk is damaged',
    action: 'do nothing: the hub sends it again on the next connection',
  },
  source_quarantined: {
    means: 'the thread of a source ended five times within ten minutes, so the agent stopped it',
    action: 'correct the cause in the message, then run `skerry source restart`',
  },
  source_refused: {
    means: 'the agent cannot run a source: a secret is missing, or the agent is too old',
    action: 'read the message: set the secret, or update the agent',
  },
  sink_quarantined: {
    means: 'the thread of a sink ended five times within ten minutes, so the agent stopped it; its queue is kept',
    action: 'correct the cause in the message, then set the sink again, or restart the agent',
  },
  sink_refused: {
    means: 'the agent is too old to run a sink',
    action: 'update the agent',
  },
  hub_queue_quarantined: {
    means:
      'the thread of the queue for the hub ended five times within ten minutes, so the agent stopped it; its queue is kept, and new values ' +
      'for the hub are counted as lost',
    action: 'correct the cause in the message, such as a full disk, then restart the agent',
  },
  model_stopped: {
    means: 'a model crashed the runtime too often, so the agent stopped it; the message names it',
    action: 'deploy another version, or let the device try again with `skerry device retry`',
  },
  model_crashing: {
    means:
      'a model crashes the runtime, so it runs in a process of its own that affects no other model; the message names it',
    action: 'deploy another version, or let the device try again with `skerry device retry`',
  },
  model_isolated: {
    means:
      'a model was running during two crashes of the runtime, so it runs in a process of its own now; the message names it',
    action: 'check whether it crashes there, too; if not, reset it with `skerry device retry`',
  },
  port_in_use: {
    means: 'another program uses the address of its inference server',
    action: 'stop that program, or choose another `--listen`',
  },
  runtime_telemetry_on: {
    means: 'its runner did not start, because the ONNX runtime would have sent telemetry to Microsoft',
    action: 'update the agent, which starts the runner with `ORT_DISABLE_TELEMETRY=1`; this must not happen',
  },
  address_refused: {
    means: 'its user may not listen on the address of its inference server',
    action: 'choose another `--listen`, or give the agent the permission',
  },
  runner_failing: {
    means: 'its runner ends before it can serve, so versions wait',
    action: 'find the reason in the log of the agent',
  },
  disk_insufficient: {
    means: 'a version waits for room on the disk: its files do not fit above the reserve',
    action: 'make room; the version starts by itself',
  },
  memory_insufficient: {
    means: 'a version waits for memory that other programs use',
    action: 'stop those programs, or deploy fewer instances; the version starts by itself',
  },
  database_damaged: {
    means: 'its database cannot be read',
    action: 'keep the folder for an analysis, and join again with an empty one',
  },
  database_too_new: { means: 'a newer agent wrote its database', action: 'update the agent again' },
  identity_damaged: {
    means: 'its key or certificate cannot be read',
    action: 'restore them, or join the device again',
  },
}
