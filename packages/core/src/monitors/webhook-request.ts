/** Webhook request: the alert of a monitor in the form that a receiver expects. */
import type { MonitorAction, WebhookBody } from '@skerry/contract/monitors/action'
import type { VersionVerdict } from '@skerry/contract/monitors/monitor'

export type AlertedVersion = { model: string; verdict: VersionVerdict; atMs: number }

type WebhookAction = Extract<MonitorAction, { do: 'webhook' }>

/** More are no help, and GitHub limits its payload. */
const FEATURES_MAX = 20

/** The features and cohorts that moved. No value of a row is in it. */
function factsOf({ model, verdict: { version, state, rows, features, moved = [] }, atMs }: AlertedVersion) {
  return {
    model,
    version,
    state,
    atMs,
    rows,
    cohorts: moved,
    features: features
      .filter((feature) => feature.state === 'alert' || feature.state === 'warn')
      .slice(0, FEATURES_MAX)
      .map(({ feature, state: of, findings, stability }) => ({ feature, state: of, findings, stability })),
  }
}

/** Airflow takes it as the name of the run, so that a repeated request starts one run. */
const runName = ({ model, verdict, atMs }: AlertedVersion) => `skerry-${model}-${verdict.version}-${atMs}`

type Job = { alerted: AlertedVersion; job: string | undefined; secondsOf: (ms: number) => string }

const BODIES: Readonly<Record<WebhookBody, (job: Job) => object>> = {
  skerry: ({ alerted }) => ({ kind: 'monitor.alerted', ...factsOf(alerted) }),
  // [MLflow REST API, runs/create]
  mlflow: ({ alerted, job }) => ({
    experiment_id: job ?? '0',
    run_name: runName(alerted),
    start_time: alerted.atMs,
    tags: [
      { key: 'skerry.model', value: `${alerted.model}:${alerted.verdict.version}` },
      { key: 'skerry.alert', value: JSON.stringify(factsOf(alerted)) },
    ],
  }),
  // [Airflow REST API, dagRuns]
  airflow: ({ alerted, secondsOf }) => ({
    dag_run_id: runName(alerted),
    logical_date: secondsOf(alerted.atMs),
    conf: factsOf(alerted),
  }),
  // [GitHub REST API, repository dispatch]
  github: ({ alerted, job }) => ({ event_type: job ?? 'model_moved', client_payload: factsOf(alerted) }),
}

/** The body of the request. `secondsOf` writes an instant as ISO 8601. */
export const webhookBody = (
  { body, job }: Pick<WebhookAction, 'body' | 'job'>,
  alerted: AlertedVersion,
  secondsOf: (ms: number) => string,
): object => BODIES[body]({ alerted, job, secondsOf })

type Firing = {
  organisation: string
  model: string
  verdicts: readonly VersionVerdict[]
  sinceMs: number
  endsMs: number
}

/** [Alertmanager API v2, POST /alerts] The same labels are the same alert; without a repetition it ends at `endsMs`. */
export const alertmanagerAlerts = (
  { organisation, model, verdicts, sinceMs, endsMs }: Firing,
  secondsOf: (ms: number) => string,
): object[] =>
  verdicts.map((verdict) => ({
    labels: {
      alertname: 'SkerryModelMoved',
      organisation,
      model,
      version: String(verdict.version),
      severity: 'warning',
    },
    annotations: { summary: summaryOf(model, verdict) },
    startsAt: secondsOf(sinceMs),
    endsAt: secondsOf(endsMs),
  }))

function summaryOf(model: string, { version, features, moved = [] }: VersionVerdict): string {
  const names = features.filter(({ state }) => state === 'alert').map(({ feature }) => feature)
  const where = moved.length > 0 ? ` at ${moved.join(', ')}` : ''
  return `${model}:${version}: ${names.slice(0, FEATURES_MAX).join(', ') || 'values'} moved${where}`
}
