/** Actions of a monitor: the hub carries them out when a version alerts, within their limits. */
import * as z from 'zod'
import { WebhookUrl } from '../deployments/analysis.ts'
import { VersionReference } from '../models/model.ts'
import { SecretReference } from '../secrets/secret-reference.ts'
import { InstantMs, Name } from '../values/names.ts'

/** A dry run says what it would do, and does nothing. */
const ActionShape = {
  isDryRun: z.boolean().default(true),
  /** After it was done, it is not done again for this time. */
  coolDownSeconds: z.int().min(60).max(604_800).default(3_600),
  /** In seven days. A rule that fires more often is wrong itself. */
  weeklyMax: z.int().min(1).max(100).default(3),
}

/** The body of a webhook. skerry: the verdict. mlflow, airflow, github: the request that starts a training there. */
export const WebhookBody = z.enum(['skerry', 'mlflow', 'airflow', 'github'])
export type WebhookBody = z.infer<typeof WebhookBody>

/**
 * - rollback: the deployments that want the version return to the revision before.
 * - pause: the rollouts of the version pause.
 * - hold: a flow writes no tags until the monitor is healthy or a person releases it.
 * - webhook: another program hears of the alert.
 * - capture: each device keeps the next rows of the version for review, by the rules of the model's capture.
 * - shadow: the deployments that want the version compare it with a challenger, which never serves.
 */
export const MonitorAction = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('rollback'), ...ActionShape }),
  z.strictObject({ do: z.literal('pause'), ...ActionShape }),
  z.strictObject({
    do: z.literal('hold'),
    flow: Name,
    /** healthy: a verdict without a warning releases the flow, too. */
    release: z.enum(['person', 'healthy']).default('person'),
    ...ActionShape,
  }),
  z.strictObject({
    do: z.literal('webhook'),
    url: WebhookUrl,
    body: WebhookBody.default('skerry'),
    /** The name of the job or workflow at the receiver. */
    job: z.string().min(1).max(200).optional(),
    /** A secret of the hub that is sent as a bearer token. */
    token: SecretReference.optional(),
    ...ActionShape,
  }),
  z.strictObject({
    do: z.literal('capture'),
    /** Of each device. A person labels tens of them. */
    rows: z.int().min(1).max(500).default(100),
    ...ActionShape,
  }),
  z.strictObject({ do: z.literal('shadow'), challenger: VersionReference, ...ActionShape }),
])
export type MonitorAction = z.infer<typeof MonitorAction>

/** One action that was done, or would have been. */
export const MonitorAct = z.strictObject({
  atMs: InstantMs,
  /** Such as `rollback`, or with its object: `hold line-3`. */
  action: z.string().min(1).max(100),
  version: z.int().min(1),
  outcome: z.enum(['done', 'dry-run', 'failed']),
  message: z.string().max(1_000),
})
export type MonitorAct = z.infer<typeof MonitorAct>
