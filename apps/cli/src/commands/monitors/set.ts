import { MonitorAction } from '@skerry/contract/monitors/action'
import { CohortKey, MonitorSpec } from '@skerry/contract/monitors/monitor'
import { MonitorSubject, subjectOfSource } from '@skerry/contract/monitors/subject'
import { TagName } from '@skerry/contract/sources/tag'
import { Name } from '@skerry/contract/values/names'
import { command, fits, fitsNumber, flag, list, optional, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { parseDuration } from '../../program/values.ts'
import { monitorIfAny } from './known-monitor.ts'
import { monitorText } from './monitor-view.ts'

const { shape } = MonitorSpec

export const setMonitor = command({
  name: 'monitor set',
  summary: 'Monitor the values of a model, or the tags of a source, on all devices that have it',
  details:
    'Devices count the inputs and outputs of the model into the bins of its reference profile, and send the counts. Values stay on the device. ' +
    'Each version needs a reference profile: "skerry monitor baseline" makes it. ' +
    'Of a monitor that exists, options that are not given keep their values. ' +
    'With --source, devices sample the tags of a source once a second instead; "skerry monitor baseline source:NAME" makes the reference. ' +
    'With --roll-back, a version that alerts goes back to the revision before; --roll-back-dry-run only records it.',
  examples: [
    'skerry monitor set anomaly',
    'skerry monitor set anomaly --window 15m --alert 0.3',
    'skerry monitor set anomaly --cohort site --cohort label:line',
    'skerry monitor set anomaly --reference cohort',
    'skerry monitor set anomaly --roll-back-dry-run',
    'skerry monitor set --source press --tag speed --tag strain',
  ],
  arguments: { model: optional('[model]', 'the name of a model, or source:NAME', fits(MonitorSubject)) },
  options: {
    source: value('--source <name>', 'monitor the tags of this source', fits(Name)),
    tags: list('--tag <tag>', 'watch this tag of the source; its first 64 by default', fits(TagName)),
    windowSeconds: value('--window <duration>', 'the length of a window on the device; 5m by default', parseDuration),
    windows: value(
      '--windows <number>',
      'newest windows that are compared together; 3 by default',
      fitsNumber(shape.windows),
    ),
    rowsMin: value('--rows <number>', 'the least rows for a verdict; 500 by default', fitsNumber(shape.rowsMin)),
    warn: value('--warn <index>', 'warn above this stability index; 0.1 by default', Number),
    alert: value('--alert <index>', 'alert above this stability index; 0.25 by default', Number),
    cohorts: list(
      '--cohort <key>',
      'judge these groups of devices too: site, or label:KEY; site by default',
      fits(CohortKey),
    ),
    reference: value(
      '--reference <which>',
      'compare cohorts with the profile of the version, or each cohort with its own: version or cohort',
      fits(shape.reference.unwrap()),
    ),
    isRollback: flag('--roll-back', 'roll back a version that alerts'),
    isRollbackDryRun: flag('--roll-back-dry-run', 'only record when it would roll back'),
    isAlertOnly: flag('--alert-only', 'only show an alert'),
  },
  async run(
    { model, source, tags, windowSeconds, windows, rowsMin, warn, alert, cohorts, reference, ...actions },
    session,
  ) {
    const name = subjectOf(model, source)
    const { client } = await session.hub()
    const { signal } = session
    const before = (await monitorIfAny(client, name, signal))?.spec
    const { model: _, ...kept } = before ?? { model: name, drift: {} }
    const spec = {
      ...kept,
      ...(windowSeconds !== undefined && { windowSeconds }),
      ...(windows !== undefined && { windows }),
      ...(rowsMin !== undefined && { rowsMin }),
      drift: { ...kept.drift, ...(warn !== undefined && { warn }), ...(alert !== undefined && { alert }) },
      ...(cohorts.length > 0 && { cohorts }),
      ...(reference !== undefined && { reference }),
      ...(tags.length > 0 && { tags }),
      ...actionsOf(actions),
    }
    const monitor = await client.monitor.set({ name, spec }, { signal })
    session.print({ json: monitor, text: () => monitorText(monitor, session.style, session.io.nowMs()) })
  },
})

function subjectOf(model: MonitorSubject | undefined, source: Name | undefined): MonitorSubject {
  if ((model === undefined) === (source === undefined)) throw wrongUsage('give either a model or --source')
  return model ?? subjectOfSource(source ?? '')
}

type Actions = { isRollback: boolean; isRollbackDryRun: boolean; isAlertOnly: boolean }

/** Nothing changes without one of the three options. */
function actionsOf({ isRollback, isRollbackDryRun, isAlertOnly }: Actions): Partial<Pick<MonitorSpec, 'actions'>> {
  const given = [isRollback, isRollbackDryRun, isAlertOnly].filter(Boolean).length
  if (given > 1) throw wrongUsage('--roll-back, --roll-back-dry-run and --alert-only exclude each other')
  if (given === 0) return {}
  return { actions: isAlertOnly ? [] : [MonitorAction.parse({ do: 'rollback', isDryRun: isRollbackDryRun })] }
}
