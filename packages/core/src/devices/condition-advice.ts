/**
 * Condition advice: the meaning of each condition that a device reports, and the next action. docs/reference/device-codes.md says
 * the same.
 */

export type ConditionAdvice = { means: string; action: string }

/** By the code that the device reports; a newer agent may report others. */
export const conditionAdvice: Readonly<Record<string, ConditionAdvice>> = {
  clock_wrong: {
    means: "its clock differs much from the hub's, or certificates are not valid yet",
    action: 'set the clock; the device still serves its models',
  },
  cluster_unreachable: {
    means: 'it is a Kubernetes cluster, and the API of the cluster does not answer; its pods go on by themselves',
    action: 'check the address and the credentials of the cluster',
  },
  cluster_refused: {
    means: 'it is a Kubernetes cluster, and the API of the cluster rejects its agent; the message has its words',
    action: 'correct the rights, the namespace or the settings that it names',
  },
  cluster_drifted: {
    means: 'somebody has changed or removed an object of the agent in the cluster; the agent has applied it again',
    action: 'find out who changes it: the managed fields of the object name the program',
  },
  certificate_expired: {
    means: 'its certificate ended while it was away',
    action: 'the device requests a new one by itself; if the hub rejects that, join it again with a new token',
  },
  certificate_refused: {
    means: 'the hub does not accept its certificate',
    action: 'join the device again with a new token',
  },
  hub_certificate_refused: {
    means: 'the server that answers is not the hub that it joined',
    action: 'check addresses and proxies; a hub restored without its keys is another hub',
  },
  hub_unproved: {
    means:
      'the hub has the right TLS key, but no signature of the key that the device learned when it joined; the device follows none of its orders',
    action:
      "somebody may have stolen the hub's TLS key: see docs/security/key-compromise.md; a new hub with an old certificate is another hub: join the device again",
  },
  renewal_failed: {
    means: 'its certificate could not be renewed',
    action: 'check the hub; a third of the lifetime is left',
  },
  identity_duplicated: {
    means: 'another device uses the same key',
    action: 'find the copy: a cloned disk or machine; `skerry device show DEVICE` names both addresses',
  },
  device_revoked: {
    means: 'a person revoked it',
    action: 'if that was a mistake, remove the device and join it again',
  },
  organisation_disabled: {
    means: 'the operators of the hub have disabled its organisation; it still serves its models',
    action: 'ask an operator of the hub; the device reconnects by itself when the organisation is enabled',
  },
  disk_low: {
    means: 'less space is free than the floor',
    action: 'free disk space; the agent has already removed old versions',
  },
  generation_conflict: {
    means: 'it follows a desired state that this hub never issued, or issued with other content',
    action:
      'the hub was restored from a backup: check the device, then run `skerry device resume DEVICE --reason REASON`',
  },
  generation_refused: {
    means: 'the hub offered an older desired state than the device follows',
    action: 'the hub was restored from a backup: see [concepts](../concepts.md)',
  },
  document_damaged: {
    means: 'the desired document does not match its digest',
    action: 'check the proxies on the way',
  },
  site_cache_unavailable: {
    means: 'its cache for the site does not serve, such as by an address in use',
    action: 'read the message, and correct `--site-cache`; the agent tries again every few seconds',
  },
  pair_unprotected: {
    means: 'its pair is without protection: for some time this device has not reached the other member or the witness',
    action: 'repair the named device or the network between them; `skerry pair show NAME` names the active one',
  },
  pair_without_active: {
    means: 'it sees no active device of its pair, because fewer than two of the three devices reach each other',
    action: 'start the devices, or repair the network between them',
  },
  pair_address_failed: {
    means: 'it is the active one of its pair, and cannot set the virtual address',
    action: 'read the message: the interface may have another name, or the service of the agent needs CAP_NET_ADMIN',
  },
  pair_door_closed: {
    means: 'the other devices of its pair cannot reach it, such as by an address in use',
    action: 'read the message, and correct `--pair`; the agent tries again every few seconds',
  },
  pair_missing: {
    means: 'the hub has no record of its pair, and nobody has ended it; it stays in the pair',
    action: 'if the hub was restored from a backup, create the pair again; then `skerry pair rm NAME` can end it',
  },
  pair_not_allowed: {
    means: 'it is a member of a pair, and its agent was started without `--pair`',
    action: 'start the agent with `--pair HOST:PORT`, or end the pair with `skerry pair rm NAME`',
  },
  pairs_damaged: {
    means: 'its record of its pairs is damaged, so it touches no equipment',
    action: 'connect it to the hub, which sends the pairs again',
  },
  gateway_unavailable: {
    means:
      'its gateway of routes does not run: the file with its API key is missing, or the process ended, such as by an address in use',
    action: 'read the message and the log of the agent; the agent tries again every few seconds',
  },
  document_unreadable: {
    means: 'this agent is too old for a document of the hub',
    action: 'update the agent',
  },
  report_unreadable: {
    means:
      'the hub cannot read the reports of some items, because the agent is newer; the hub keeps the last readable ones',
    action: 'update the hub',
  },
  page_unavailable: {
    means: 'its own page cannot be served: another program has the address, or the machine does not have it',
    action: 'choose another address with `--page`, or `--page off`; the agent tries again every 5 s',
  },
  update_locked: {
    means: 'an application on it holds an update lock: the device installs nothing',
    action: 'end the application, or deploy with `--locks ignore`',
  },
  window_unreadable: {
    means: 'it does not know the time zone of an update window, so it waits',
    action: 'update the agent, or apply the deployment with another zone',
  },
  authorities_refused: {
    means:
      'it rejects the new roots of the hub, and keeps the old ones: they do not verify the hub, are not authorities, or cannot be written',
    action: 'read the message; put the next root beside the old one; free space on a full disk',
  },
  trust_refused: {
    means: 'it rejects the signing keys of the hub, and keeps the previous ones',
    action:
      'read the message; if the hub was restored from a backup, see the rules with `skerry trust show`, and create newer ones with `skerry trust set --rule RULE`',
  },
  secrets_refused: {
    means: 'it cannot open the secrets that the hub sent, or cannot write them',
    action: 'free disk space, or join it again',
  },
  captures_refused: {
    means: 'it cannot write the captures of its models to its disk, and captures by the earlier rules',
    action: 'free disk space',
  },
  captures_stopped: {
    means: 'it keeps no new rows of its models, because its disk is nearly full; models go on serving',
    action: 'free disk space, or keep fewer rows: `skerry capture set MODEL --keep ROWS`',
  },
  monitors_refused: {
    means: 'it cannot write the monitors of its models to its disk, and counts by the earlier ones',
    action: 'free disk space',
  },
  model_key_refused: {
    means:
      'the key of its encrypted models is missing: the file of `--seal-key` is missing or different, or `model-key.json` is damaged',
    action:
      'restore the right key and restart the agent; or delete `model-key.json`, and the agent fetches models again',
  },
  model_conversion_waits: {
    means: 'the agent encrypts or decrypts its models, and cannot continue now',
    action: 'read the message; usually the disk is full',
  },
  secrets_damaged: {
    means: 'the secrets on its disk do not open with its store key',
    action: 'nothing; the hub sends them again when the device connects',
  },
  secrets_folder_refused: {
    means: 'the agent cannot write secrets into the folder of `--secrets`',
    action: 'read the message; give the agent an empty folder that others cannot enter',
  },
  connections_refused: {
    means: 'it cannot fetch the sources and sinks that the hub named, or cannot write them',
    action: 'check the network and free disk space; the device tries again by itself',
  },
  connections_damaged: {
    means: 'the list of sources and sinks on its disk is damaged',
    action: 'nothing; the hub sends it again when the device connects',
  },
  source_quarantined: {
    means: 'the thread of a source crashed five times within ten minutes, so the device stopped it',
    action:
      'correct the problem in the message, then run `skerry source restart SOURCE --device DEVICE --reason REASON`',
  },
  source_refused: {
    means: 'the agent cannot run a source: a secret is missing, or the agent is too old',
    action: 'read the message; set the secret, or update the agent',
  },
  sink_quarantined: {
    means: 'the thread of a sink crashed five times within ten minutes, so the device stopped it; its queue stays',
    action: 'correct the problem in the message, then set the sink again, or restart the agent',
  },
  sink_refused: {
    means: 'the agent is too old for a sink',
    action: 'update the agent',
  },
  hub_queue_quarantined: {
    means:
      'the thread of the queue for the hub ended five times within ten minutes, and is left alone; what waits in it stays, and what flows ' +
      'tell the hub from then on is counted as lost',
    action: 'correct the problem in the message, such as the disk, then restart the agent',
  },
  model_stopped: {
    means: 'a model crashed the runtime too often and stays stopped; the message names it',
    action: 'deploy another version, or retry with `skerry device retry DEVICE DEPLOYMENT`',
  },
  model_crashing: {
    means:
      'a model crashes the runtime, and runs in a process of its own so that no other model notices; the message names it',
    action: 'deploy another version, or retry with `skerry device retry DEVICE DEPLOYMENT`',
  },
  model_isolated: {
    means:
      'a model ran twice when the runtime crashed beside others, and runs in a process of its own; the message names it',
    action: 'check whether it crashes there, too; if not, restart it with `skerry device retry DEVICE DEPLOYMENT`',
  },
  port_in_use: {
    means: 'another program listens on the address of its inference server',
    action:
      'end that program, or restart the agent with free ports, such as `--listen 127.0.0.1:8510 --grpc 127.0.0.1:8511`',
  },
  runtime_telemetry_on: {
    means: 'its runner did not start, because the ONNX runtime would have sent telemetry to Microsoft',
    action: 'update the agent, which starts the runner with `ORT_DISABLE_TELEMETRY=1`; this must not happen',
  },
  address_refused: {
    means: 'it has no permission to listen on the address of its inference server',
    action: 'choose another `--listen`, or give the agent the permission',
  },
  runner_failing: {
    means: 'its runner crashes before it can serve; versions wait for it',
    action: 'read the log of the agent',
  },
  unload_failed: {
    means:
      'a version cannot leave the device, such as an operating system whose way back failed; the message names it and the reason; the agent tries again',
    action: 'mend the reason that the message names',
  },
  disk_insufficient: {
    means: 'a version waits for disk space: its files do not fit above the floor of free space',
    action: 'free disk space; the download starts by itself',
  },
  memory_insufficient: {
    means: 'a version waits for memory that other programs use',
    action: 'end those programs, or deploy fewer instances; the load starts by itself',
  },
  database_damaged: {
    means: 'its records cannot be read',
    action: 'keep the folder for an analysis; join again with an empty one',
  },
  database_too_new: { means: 'its records are of a newer agent', action: 'update the agent again' },
  identity_damaged: { means: 'its key or certificate cannot be read', action: 'restore them, or join again' },
}
