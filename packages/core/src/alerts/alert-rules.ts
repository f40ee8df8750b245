/**
 * Alert rules: for each code of an alert its meaning, its severity and the next action. docs/reference/alerts.md is written from
 * this table.
 */
import type { AlertCode, AlertSeverity } from '@skerry/contract/alerts/alert'

export type AlertRule = {
  severity: AlertSeverity
  /** The meaning in words, for the reference. */
  means: string
  /** The next action. Commands stand in back quotes. */
  action: string
}

export const alertRules: Readonly<Record<AlertCode, AlertRule>> = {
  process_alarm: {
    severity: 'critical',
    means:
      'a flow raises an alarm about the equipment: a hub sink of the priority `urgent` sends a threshold or a vote that is 1. The message has the reason, the source and the tag',
    action:
      'Look at the equipment. See the values with `skerry flow look FLOW --device DEVICE`. The alert ends when the flow clears its alarm',
  },
  devices_failed: {
    severity: 'critical',
    means:
      'a version failed on devices that report, and no version of that model serves there; other models may serve. The message names the version, a device, the cause and the versions that serve',
    action:
      'See the cause with `skerry device show DEVICE`. Correct it, then retry with `skerry device retry DEVICE DEPLOYMENT`, or deploy another version',
  },
  devices_degraded: {
    severity: 'warning',
    means: 'the desired version failed on devices that report, and an older one still serves',
    action:
      'See the reason with `skerry deployment explain DEPLOYMENT DEVICE`. Deploy a better version, or retry with `skerry device retry DEVICE DEPLOYMENT`',
  },
  devices_stale: {
    severity: 'warning',
    means: 'devices have not reported for longer than three intervals; their state is unknown',
    action:
      'Check power and network of the site. If somebody stopped the agent, start it again. A device that only lost its connection continues to serve, and reports when it connects. `skerry device show DEVICE` has its last report',
  },
  devices_unheard: {
    severity: 'warning',
    means: 'devices joined more than a quarter of an hour ago and have not reported yet',
    action:
      'Check that the agent runs there. Its log has the reason why it does not reach the hub. `skerry device show DEVICE` has the time at which it joined',
  },
  devices_pending: {
    severity: 'info',
    means: 'devices have requested to join, and wait for approval',
    action:
      'Compare the key with `skerry device pending`. Then run `skerry device approve DEVICE`, or `skerry device deny DEVICE --reason REASON`',
  },
  devices_conflict_paused: {
    severity: 'warning',
    means: 'devices follow a newer desired state than this hub issued: it was restored from a backup',
    action:
      'Check the versions with `skerry device show DEVICE`. Then let the hub control the device again with `skerry device resume DEVICE --reason REASON`',
  },
  devices_quarantined: {
    severity: 'warning',
    means: 'a person has put devices into quarantine: they still serve their models, and get no changes',
    action:
      'Find out whether the device can be trusted: `skerry device events DEVICE` has the person and the reason. Then run `skerry device release DEVICE --reason REASON`, or `skerry device revoke DEVICE --reason REASON`',
  },
  devices_duplicated: {
    severity: 'critical',
    means:
      'within the last day, two machines used the key and certificate of a device at the same time: one of them is a copy',
    action:
      'See both addresses with `skerry device show DEVICE`. `skerry device quarantine DEVICE --reason REASON` stops changes for it. When you know which is the copy, run `skerry device revoke DEVICE --reason REASON` and `skerry device rm DEVICE`, delete its data folder, and join it with a new key',
  },
  devices_in_trouble: {
    severity: 'warning',
    means: 'devices report the same problem; the id of the alert contains the code of the problem',
    action:
      '`skerry device show DEVICE` has the message. docs/reference/device-codes.md has the next step for each problem, and so does the alert',
  },
  certificates_ended: {
    severity: 'critical',
    means: 'the certificates of devices have ended: the hub rejects these devices',
    action:
      'Nothing, if they connect within the time of `skerry device rules`: they renew by their key. If not, join each again with a token of `skerry device token create --site SITE`. They still serve their models',
  },
  certificates_ending: {
    severity: 'warning',
    means: 'the certificates of devices end within 60 days, and the devices have not renewed them in time',
    action:
      'Check that the devices reach the hub, such as with `skerry device show DEVICE`; they renew by themselves. If they cannot, join them again with a token of `skerry device token create --site SITE`',
  },
  rollout_paused: {
    severity: 'warning',
    means: 'the hub has paused a rollout by itself; the message has the reason',
    action:
      'See the reason with `skerry deployment explain DEPLOYMENT DEVICE`. Then continue with `skerry rollout resume DEPLOYMENT --reason REASON`, or return to the earlier revision with `skerry deployment rollback DEPLOYMENT`',
  },
  rollout_stopped: {
    severity: 'warning',
    means:
      'the hub has aborted a rollout or rolled it back by itself, or a person has rolled it back (info); the deployment has no newer revision',
    action:
      'See the reason with `skerry deployment explain DEPLOYMENT DEVICE`, then deploy a better version. Devices keep their last good version',
  },
  rollout_timed_out: {
    severity: 'warning',
    means: 'devices of a running rollout have not reported before the deadline of their wave',
    action:
      'See which devices with `skerry rollout show DEPLOYMENT`, and check that they are on; a late report still counts',
  },
  deployment_empty: {
    severity: 'warning',
    means:
      'the model of a deployment has left its last device: the deployment picks no device, or none that can run it',
    action:
      'If this was a mistake, `skerry rollout rollback DEPLOYMENT --reason REASON` restores the model while the rollout runs. After that, use `skerry deployment rollback DEPLOYMENT`. If not, remove it with `skerry deployment rm DEPLOYMENT`',
  },
  model_moved: {
    severity: 'warning',
    means: 'the monitor of a model finds that values differ from the reference of the version',
    action:
      'Run `skerry monitor show MODEL`: it names the features that moved. If inputs moved, look at the sensors and the data. If only outputs moved, go back with `skerry deployment rollback DEPLOYMENT`',
  },
  model_slow: {
    severity: 'warning',
    means:
      'a version answers more slowly on devices than the p95 goal of its last optimisation allows, by a hundred requests or more. The alert names the slowest device, and proposes an optimisation with the recipes that have made no build yet',
    action:
      'Run the command of the alert: it makes other builds. Measure them with `skerry model bench MODEL --devices SELECTOR`, then deploy the fastest with `skerry deploy MODEL --build best`',
  },
  answers_invalid: {
    severity: 'warning',
    means:
      'more than 5 % of the last hundred answers of a language model that a schema binds do not have its form: the limit of tokens ended them, or the model emitted broken text. The alert names the worst device',
    action:
      'Raise `answerTokens` or lower the `maxLength` of texts in the schema. If neither helps, go back with `skerry deployment rollback DEPLOYMENT`. The series `language/MODEL/invalidShare` of the device shows when it began',
  },
  sources_down: {
    severity: 'warning',
    means:
      'sources have been down for more than a minute on devices that report: their equipment does not answer. The message names the oldest one and its error',
    action:
      'See the reason with `skerry source show SOURCE --device DEVICE`. Check power, network and address of the equipment; the device tries again by itself',
  },
  sinks_down: {
    severity: 'warning',
    means:
      'sinks have been down for more than a minute on devices that report: the destination does not accept values, and they wait on the disks of the devices',
    action:
      'See the reason with `skerry sink ls --device DEVICE`. Check the destination, its address and its secret; the device tries again by itself',
  },
  hub_certificate_ending: {
    severity: 'warning',
    means: 'the TLS certificate of the hub ends within 21 days (critical: within 7)',
    action:
      'If it is your own certificate, replace its files; the hub reads them within an hour. The hub renews a certificate of its own by itself; its log has the reason of a failure',
  },
  hub_authority_ending: {
    severity: 'warning',
    means: 'the certificate authority of the hub ends within 180 days (critical: within 30)',
    action: 'Plan the change: devices must join again with tokens of the new authority',
  },
  hub_disk_full: {
    severity: 'critical',
    means: 'the disk of the hub has only its reserve left: it rejects uploads',
    action:
      'Give it more space, or remove versions: `skerry model ls` lists the models, and `skerry model rm NAME:VERSION` removes a version that no deployment uses',
  },
  hub_disk_low: {
    severity: 'warning',
    means: 'the disk of the hub has less than 2 GiB left above its reserve',
    action:
      'Give it more space, or remove versions: `skerry model ls` lists the models, and `skerry model rm NAME:VERSION` removes a version that no deployment uses',
  },
  hub_files_foreign: {
    severity: 'critical',
    means: 'the model files of this hub belong to another database: the hub removes none of them',
    action:
      'Stop the hub. Start it with the database that owns the files, or with --adopt-blobs: see docs/running.md, "Restore"',
  },
  hub_files_unknown: {
    severity: 'warning',
    means: 'the hub has model files that its database does not know, and keeps them',
    action:
      'After a restore, push the versions again that were pushed since the backup. Then start the hub once with --remove-strays to remove the other files',
  },
  intrusion_suspected: {
    severity: 'critical',
    means: 'intrusion detection has a finding, and nobody has closed it yet',
    action:
      'Read its records with `skerry intrusion show FINDING`, ask the person concerned, then close it with `skerry intrusion dismiss FINDING --reason REASON`',
  },
  vulnerabilities_open: {
    severity: 'warning',
    means:
      'devices run versions with parts that have a critical or high vulnerability, and nobody has accepted the risk (critical: if one of them is critical)',
    action:
      'See each with `skerry vulnerability ls --state open`, and its parts with `skerry vulnerability explain ID`. Deploy a version without it, or accept the risk with `skerry vulnerability accept ID --for 30d --reason REASON`',
  },
  keys_ending: {
    severity: 'info',
    means: 'API keys end within 14 days',
    action:
      'See the role of each with `skerry key ls`. Create new ones with `skerry key create NAME --role ROLE`, and replace the old ones in the programs that use them',
  },
  approvals_off: {
    severity: 'warning',
    means:
      'somebody switched off or changed the rule that deployments, batches or roles need two people; shown for a week',
    action:
      'Ask the person for the reason: `skerry audit ls --action approval.setRules` has the change. `skerry approval rules` shows the rules, and `skerry approval rules --help` the options that switch them on again',
  },
}
