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
    means: 'a model failed on devices that are heard, and nothing serves under its name there',
    action:
      'Open a device to see the cause. Put it right, then have it try again with `skerry device retry`, or deploy another version',
  },
  devices_degraded: {
    severity: 'warning',
    means: 'the wanted version failed on devices that are heard, and an older one goes on serving',
    action:
      'Open a device to see why it refused the version. Deploy a better one, or have it try again with `skerry device retry`',
  },
  devices_stale: {
    severity: 'warning',
    means: 'devices have been silent for longer than three reports are apart; what they do now is not known',
    action: 'See to power and network of the place. A device goes on with what it has, and reports when it is back',
  },
  devices_unheard: {
    severity: 'warning',
    means: 'devices joined more than a quarter of an hour ago and have not reported yet',
    action: 'See whether the agent runs there: its log says why it does not reach the hub',
  },
  devices_pending: {
    severity: 'info',
    means: 'devices have asked to be let in, and wait for a person',
    action:
      'Look at each with `skerry device pending`, then let it in with `skerry device approve`, or refuse it with `skerry device deny`',
  },
  devices_conflict_paused: {
    severity: 'warning',
    means: 'devices follow a newer intent than this hub ever gave: it was restored from a backup',
    action: 'Check what the devices run, then let the hub steer them again with `skerry device resume`',
  },
  devices_quarantined: {
    severity: 'warning',
    means: 'a person has put devices into quarantine: they go on serving what they have, and get nothing new',
    action:
      'Find out whether the device can be trusted; `skerry device events` says who put it there and why. Then `skerry device release`, or `skerry device revoke`',
  },
  devices_duplicated: {
    severity: 'critical',
    means:
      'within the last day, the key and certificate of devices were used in two places at once: one of the two is a copy',
    action:
      'See both addresses with `skerry device show`. `skerry device quarantine` keeps anything new from it; once you know which is the copy, revoke and remove the device, delete its data folder, and join it with a new key',
  },
  devices_in_trouble: {
    severity: 'warning',
    means: 'devices that are heard name the same trouble about themselves; the code of the trouble stands in the id',
    action: 'docs/reference/device-codes.md says what to do for each trouble, and so does the alert',
  },
  certificates_ended: {
    severity: 'critical',
    means: 'the certificates of devices have ended: the hub does not let them in any more',
    action:
      'Nothing, if they come back within the time of `skerry device rules`: they renew by their key. Else join each again with a new token. They go on serving meanwhile',
  },
  certificates_ending: {
    severity: 'warning',
    means: 'the certificates of devices end within 60 days, and they have not renewed them as they should have',
    action: 'See whether the devices reach the hub; they renew by themselves. Where they cannot, join them again',
  },
  rollout_paused: {
    severity: 'warning',
    means: 'the hub has paused a rollout by itself, and says why',
    action:
      'Look at the devices that failed. Then go on with `skerry rollout resume`, or end it with `skerry rollout rollback`',
  },
  rollout_stopped: {
    severity: 'warning',
    means: 'the hub has aborted a rollout or rolled it back by itself, and the deployment has no newer revision since',
    action: 'Find out why the version failed, then deploy a better one. Devices keep their last good version',
  },
  rollout_timed_out: {
    severity: 'warning',
    means: 'devices of a rollout under way have not answered until the deadline of their wave',
    action: 'See whether the devices are on; they still count when they answer late',
  },
  deployment_empty: {
    severity: 'warning',
    means: 'the model of a deployment has left its last device: the deployment picks none, or none that may run it',
    action:
      'If nobody wanted that, `skerry rollout rollback` gives the model back while its rollout goes on; afterwards, deploy it again with the selector of before. Else remove it with `skerry deployment rm`',
  },
  hub_certificate_ending: {
    severity: 'warning',
    means: 'the certificate that the hub serves with ends within 21 days (critical: within 7)',
    action:
      'One of your own: replace its files, the hub reads them within the hour. The hub renews its own by itself: its log says why it could not',
  },
  hub_authority_ending: {
    severity: 'warning',
    means: 'the certificate authority that devices know the hub by ends within 180 days (critical: within 30)',
    action: 'Plan the change: devices join again with tokens of the new authority',
  },
  hub_disk_full: {
    severity: 'critical',
    means: 'the disk of the hub has only its last free space left: it takes no bytes any more',
    action: 'Give it more space, or remove versions with `skerry model rm`',
  },
  hub_disk_low: {
    severity: 'warning',
    means: 'the disk of the hub has less than 2 GiB left above the space that it always keeps free',
    action: 'Give it more space, or remove versions with `skerry model rm`',
  },
  hub_files_foreign: {
    severity: 'critical',
    means: 'the model files beside the hub belong to another database: the hub removes none of them',
    action:
      'Stop the hub. Start it with the database that owns the files, or with --adopt-blobs: docs/running.md, "Restore", says how',
  },
  hub_files_unknown: {
    severity: 'warning',
    means: 'model files are beside the hub that its database does not know: the hub keeps them',
    action:
      'After a restore, push again what was pushed since the backup. Then start the hub once with --remove-strays to remove the rest',
  },
  intrusion_suspected: {
    severity: 'critical',
    means: 'intrusion detection has found something in the audit trail, and nobody has looked into it yet',
    action:
      'Look at its records (`skerry intrusion show`), ask whoever it was, then close it (`skerry intrusion dismiss`)',
  },
  keys_ending: {
    severity: 'info',
    means: 'API keys end within 14 days',
    action: 'Make new ones with `skerry key create`, and give them to what uses the old ones',
  },
  approvals_off: {
    severity: 'warning',
    means: 'somebody switched off, or changed, that deployments, batches or roles need two people; shown for a week',
    action:
      'Ask whoever did it why: the audit trail has it as `approval.setRules`. `skerry approval rules` switches it on again',
  },
}
