/** Alert rules: what each code of an alert means, how grave it is, and what to do. docs/reference/alerts.md is written from this table. */
import type { AlertCode, AlertSeverity } from '@skerry/contract/alerts/alert'

export type AlertRule = {
  severity: AlertSeverity
  /** What is so, in words for the reference. */
  means: string
  /** What to do next. Commands stand in back quotes. */
  action: string
}

export const alertRules: Readonly<Record<AlertCode, AlertRule>> = {
  devices_failed: {
    severity: 'critical',
    means: 'a model failed on connected devices, and no version of it serves there',
    action:
      'Open a device to see the cause. Correct it, then let the device try again with `skerry device retry`, or deploy another version',
  },
  devices_degraded: {
    severity: 'warning',
    means: 'the wanted version failed on connected devices, and an older version continues to serve',
    action:
      'Open a device to see why it rejected the version. Deploy a better one, or let the device try again with `skerry device retry`',
  },
  devices_stale: {
    severity: 'warning',
    means: 'devices have been silent for longer than three report intervals; their current state is unknown',
    action: 'Check power and network at the site. A device continues to serve, and reports when it is back',
  },
  devices_unheard: {
    severity: 'warning',
    means: 'devices joined more than a quarter of an hour ago and have not reported yet',
    action: 'Check that the agent runs there. Its log shows why it does not reach the hub',
  },
  devices_pending: {
    severity: 'info',
    means: 'devices have requested to join, and wait for the approval of a person',
    action:
      'Look at each with `skerry device pending`, then approve it with `skerry device approve`, or deny it with `skerry device deny`',
  },
  devices_conflict_paused: {
    severity: 'warning',
    means: 'devices follow a newer generation than this hub ever issued: the hub was restored from a backup',
    action: 'Check the versions on the devices, then let the hub control them again with `skerry device resume`',
  },
  devices_quarantined: {
    severity: 'warning',
    means: 'devices are in quarantine: they continue to serve their versions, and get no changes',
    action:
      'Find out whether you can trust the device; `skerry device events` shows the person or rule, and the reason. Then run `skerry device release` or `skerry device revoke`',
  },
  devices_duplicated: {
    severity: 'critical',
    means:
      'within the last day, two machines used the key and certificate of a device at the same time: one of them is a copy',
    action:
      'See both addresses with `skerry device show`. `skerry device quarantine` stops all changes for it. Once you know the copy, revoke and remove the device, delete its data folder, and join it with a new key',
  },
  devices_in_trouble: {
    severity: 'warning',
    means: 'connected devices report the same problem; the id of the alert has the code of the problem',
    action: 'Follow the advice of the alert; docs/reference/device-codes.md has it for each problem',
  },
  certificates_ended: {
    severity: 'critical',
    means: 'the certificates of devices have expired: the hub no longer accepts them',
    action:
      'Do nothing if they come back within the time in `skerry device rules`: they renew with their key. Otherwise join each again with a new token. They continue to serve meanwhile',
  },
  certificates_ending: {
    severity: 'warning',
    means: 'the certificates of devices expire within 60 days, and the devices have not renewed them in time',
    action: 'Check that the devices reach the hub: they renew by themselves. If they cannot, join them again',
  },
  rollout_paused: {
    severity: 'warning',
    means: 'the hub has paused a rollout by itself; the message has the reason',
    action:
      'Look at the devices that failed. Then resume the rollout with `skerry rollout resume`, or end it with `skerry rollout rollback`',
  },
  rollout_stopped: {
    severity: 'warning',
    means: 'the hub has aborted a rollout or rolled it back by itself, and the deployment has no newer revision',
    action: 'Find out why the version failed, then deploy a better one. Devices keep their last good version',
  },
  rollout_timed_out: {
    severity: 'warning',
    means: 'devices of a running rollout did not report before the deadline of their wave',
    action: 'Check that the devices are on. A late report still counts',
  },
  deployment_empty: {
    severity: 'warning',
    means:
      'the model of a deployment was removed from its last device: the deployment selects no device, or none that may run it',
    action:
      'If this was a mistake, run `skerry rollout rollback` while the rollout runs; later, deploy it again with the earlier selector. If not, remove the deployment with `skerry deployment rm`',
  },
  hub_certificate_ending: {
    severity: 'warning',
    means: 'the server certificate of the hub expires within 21 days (critical: within 7)',
    action:
      "If the certificate is your own, replace its files; the hub reads them within an hour. If it is the hub's, the hub renews it by itself; its log shows why it could not",
  },
  hub_authority_ending: {
    severity: 'warning',
    means: 'the certificate authority by which devices verify the hub expires within 180 days (critical: within 30)',
    action:
      'Plan the change with `skerry certificate rotate`. Devices that do not learn the new authority in time must join again',
  },
  hub_disk_full: {
    severity: 'critical',
    means: "only the reserve of the hub's disk is free: the hub accepts no more bytes",
    action: 'Give it more space, or remove versions with `skerry model rm`',
  },
  hub_disk_low: {
    severity: 'warning',
    means: 'the disk of the hub has less than 2 GiB left above its reserve',
    action: 'Give it more space, or remove versions with `skerry model rm`',
  },
  hub_files_foreign: {
    severity: 'critical',
    means: 'the model files of this hub belong to another database: the hub removes none of them',
    action:
      'Stop the hub. Start it with the database that owns the files, or with --adopt-blobs: see docs/running.md, "Restore"',
  },
  hub_files_unknown: {
    severity: 'warning',
    means: 'the hub has model files that its database does not know: the hub keeps them',
    action:
      'After a restore, repeat the pushes made since the backup. Then start the hub once with --remove-strays to remove the other files',
  },
  intrusion_suspected: {
    severity: 'critical',
    means: 'intrusion detection has a finding in the audit trail that nobody has dismissed yet',
    action:
      'Look at its records (`skerry intrusion show`), ask the person it names, then close it (`skerry intrusion dismiss`)',
  },
  keys_ending: {
    severity: 'info',
    means: 'API keys expire within 14 days',
    action: 'Create new keys with `skerry key create`, and give them to the programs that use the old ones',
  },
  approvals_off: {
    severity: 'warning',
    means: 'somebody switched off or changed a rule that requires two people; shown for a week',
    action:
      'Ask the person for the reason: the audit trail has the change as `approval.setRules`. `skerry approval rules` switches the rule on again',
  },
}
