/** Condition advice: what each trouble that a device names about itself means, and what to do. docs/reference/device-codes.md says the same. */

export type ConditionAdvice = { means: string; action: string }

/** By the code that the device says; a newer agent may say others. */
export const conditionAdvice: Readonly<Record<string, ConditionAdvice>> = {
  clock_wrong: {
    means: "its clock is far from the hub's, or certificates do not count yet",
    action: 'set the clock; models are served meanwhile',
  },
  certificate_expired: {
    means: 'its certificate ended while it was away',
    action: 'it asks for a new one by itself; where the hub refuses that, join it again with a new token',
  },
  certificate_refused: {
    means: 'the hub does not accept its certificate',
    action: 'join it again with a new token',
  },
  hub_certificate_refused: {
    means: 'who answers is not the hub that it joined',
    action: 'look at addresses and proxies; a hub restored without its keys is another hub',
  },
  hub_unproved: {
    means:
      'the hub at the other end has the right TLS key, and no signature of the key that the device learned when it joined; the device obeys nothing of it',
    action:
      "somebody may have stolen the hub's TLS key: see docs/security/key-compromise.md; a hub that was set up anew with an old certificate is another hub: join the device again",
  },
  renewal_failed: {
    means: 'its certificate could not be renewed',
    action: 'look at the hub; there is a third of its life left',
  },
  identity_duplicated: {
    means: 'the hub hears another device with the same key',
    action: 'find the copy: a cloned disk or machine; `skerry device show` names both addresses',
  },
  device_revoked: {
    means: 'a person revoked it',
    action: 'remove it and join it again, if that was a mistake',
  },
  organisation_disabled: {
    means: 'whoever runs the hub has disabled its organisation; it goes on serving what it has',
    action: 'ask an operator of the hub; it comes back by itself once the organisation is enabled',
  },
  disk_low: {
    means: 'less space is free than the floor',
    action: 'make room; old versions have been removed already',
  },
  generation_conflict: {
    means: 'it follows an intent that this hub never gave, or gave with other content',
    action: 'the hub was restored from a backup: look at the device, then `skerry device resume`',
  },
  generation_refused: {
    means: 'the hub offered an older intent than the device follows',
    action: 'the hub was restored from a backup: see [concepts](concepts.md)',
  },
  document_damaged: {
    means: 'the intent does not have the digest that it names',
    action: 'look at proxies in between',
  },
  document_unreadable: {
    means: 'the hub speaks of something that this agent is too old for',
    action: 'update the agent',
  },
  report_unreadable: {
    means:
      'the hub cannot read what the device reports of some items, as its agent is newer; it keeps what it read last of those',
    action: 'update the hub',
  },
  update_locked: {
    means: 'an application on it holds an update lock: nothing is installed, whatever is asked',
    action: 'end what holds it; else deploy with `--locks ignore`',
  },
  window_unreadable: {
    means: 'it does not know the time zone of an update window, and waits',
    action: 'update the agent, or apply the deployment with another zone',
  },
  authorities_refused: {
    means:
      'it rejects the new roots of the hub, and goes on with the old ones: they do not verify the hub, are no authorities, or cannot be written',
    action: 'the message says why; put the next root beside the old one; make room on a full disk',
  },
  trust_refused: {
    means: 'it does not take what the hub says of signing keys and goes by what it had',
    action: 'the message says why; where the hub was restored from a backup, "skerry trust set" makes newer rules',
  },
  secrets_refused: {
    means: 'it cannot open the secrets that the hub sent, or cannot write them',
    action: 'make room on its disk; else join it again',
  },
  model_key_refused: {
    means:
      'the key that its models are encrypted under cannot be had: the file of `--seal-key` is missing or another, or `model-key.json` is damaged',
    action: 'give the right key back and start it again; or delete `model-key.json`, and models are fetched anew',
  },
  model_conversion_waits: {
    means: 'models are being encrypted or decrypted, and that cannot go on now',
    action: 'read the message; mostly: make room',
  },
  secrets_damaged: {
    means: 'the secrets on its disk do not open with its store key',
    action: 'nothing: the hub sends them again when it is reached',
  },
  secrets_folder_refused: {
    means: 'secrets cannot be laid out in the folder of `--secrets`',
    action: 'the message says why: give the agent an empty folder that others cannot enter',
  },
  connections_refused: {
    means: 'it cannot fetch the sources and sinks that the hub named, or cannot write them',
    action: 'look at the network and make room on its disk; it tries again by itself',
  },
  connections_damaged: {
    means: 'the list of sources and sinks on its disk is damaged',
    action: 'nothing: the hub sends it again when it is reached',
  },
  source_quarantined: {
    means: "a source's thread ended five times within ten minutes, and is left alone",
    action: 'mend what the message names, then `skerry source restart`',
  },
  source_refused: {
    means: 'the agent cannot run what a source says: a secret is missing, or the agent is too old',
    action: 'the message says why: set the secret, or update the agent',
  },
  sink_quarantined: {
    means: "a sink's thread ended five times within ten minutes, and is left alone; its queue stays",
    action: 'mend what the message names, then set the sink anew, or restart the agent',
  },
  sink_refused: {
    means: 'the agent cannot run what a sink says: it is too old for it',
    action: 'update the agent',
  },
  hub_queue_quarantined: {
    means:
      'the thread of the queue for the hub ended five times within ten minutes, and is left alone; what waits in it stays, and what flows ' +
      'tell the hub from then on is counted as lost',
    action: 'mend what the message names, such as the disk, then restart the agent',
  },
  model_stopped: {
    means: 'a model crashed the runtime too often and stays stopped; the message names it',
    action: 'deploy another version, or have it try again with `skerry device retry`',
  },
  model_crashing: {
    means:
      'a model crashes the runtime, and runs in a process of its own so that no other model notices; the message names it',
    action: 'deploy another version, or have it try again with `skerry device retry`',
  },
  model_isolated: {
    means:
      'a model ran twice when the runtime crashed beside others, and runs in a process of its own; the message names it',
    action: 'look whether it crashes there, too; else have it begin anew with `skerry device retry`',
  },
  port_in_use: {
    means: 'another program listens on the address of its inference server',
    action: 'end that, or choose another `--listen`',
  },
  runtime_telemetry_on: {
    means: 'its runner would have let the ONNX runtime send telemetry to Microsoft, and did not start',
    action: 'update the agent, which starts the runner with `ORT_DISABLE_TELEMETRY=1`; this must not happen',
  },
  address_refused: {
    means: 'the machine does not let it listen on the address of its inference server',
    action: 'choose another `--listen`, or give it the right to',
  },
  runner_failing: {
    means: 'its runner ends before it can serve; versions wait for it',
    action: 'the log of the agent says why the runner ends',
  },
  disk_insufficient: {
    means: 'a version waits for room: its files do not fit while the floor of free space is kept',
    action: 'make room; it begins by itself',
  },
  memory_insufficient: {
    means: 'a version waits for memory, which other programs hold',
    action: 'end those, or deploy fewer instances; it begins by itself',
  },
  database_damaged: {
    means: 'its records cannot be read',
    action: 'keep the folder for a look; join anew with an empty one',
  },
  database_too_new: { means: 'its records are of a newer agent', action: 'update the agent again' },
  identity_damaged: { means: 'its key or certificate cannot be read', action: 'restore them, or join anew' },
}
