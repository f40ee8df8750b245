import { MonitorAction, MonitorSpec } from '@skerry/contract/monitors/monitor'
import { Name } from '@skerry/contract/values/names'
import { command, fits, fitsNumber, flag, required, value } from '../../program/command.ts'
import { parseDuration } from '../../program/values.ts'
import { monitorText } from './monitor-view.ts'

const { shape } = MonitorSpec

export const setMonitor = command({
  name: 'monitor set',
  summary: 'Monitor the values of a model on all devices that run it',
  details:
    'Devices count the inputs and outputs of the model into the bins of its reference profile, and send the counts. Values stay on the device. ' +
    'Each version needs a reference profile: "skerry monitor baseline" makes it. ' +
    'An option that is not given has its default, not its earlier value. ' +
    'With --roll-back, a version that alerts goes back to the revision before; --roll-back-dry-run only records it.',
  examples: [
    'skerry monitor set anomaly',
    'skerry monitor set anomaly --window 15m --alert 0.3',
    'skerry monitor set anomaly --roll-back-dry-run',
  ],
  arguments: { model: required('<model>', 'the name of a model', fits(Name)) },
  options: {
    windowMs: value('--window <duration>', 'the length of a window on the device; 5m by default', parseDuration),
    windows: value(
      '--windows <number>',
      'newest windows that are compared together; 3 by default',
      fitsNumber(shape.windows),
    ),
    rowsMin: value('--rows <number>', 'the least rows for a verdict; 500 by default', fitsNumber(shape.rowsMin)),
    warn: value('--warn <index>', 'warn above this stability index; 0.1 by default', Number),
    alert: value('--alert <index>', 'alert above this stability index; 0.25 by default', Number),
    isRollback: flag('--roll-back', 'roll back a version that alerts'),
    isRollbackDryRun: flag('--roll-back-dry-run', 'only record when it would roll back'),
  },
  async run({ model: name, windowMs, windows, rowsMin, warn, alert, isRollback, isRollbackDryRun }, session) {
    const { client } = await session.hub()
    const rollback = isRollback || isRollbackDryRun
    const spec = {
      ...(windowMs !== undefined && { windowSeconds: windowMs / 1_000 }),
      ...(windows !== undefined && { windows }),
      ...(rowsMin !== undefined && { rowsMin }),
      drift: { ...(warn !== undefined && { warn }), ...(alert !== undefined && { alert }) },
      ...(rollback && { actions: [MonitorAction.parse({ do: 'rollback', isDryRun: !isRollback })] }),
    }
    const monitor = await client.monitor.set({ name, spec }, { signal: session.signal })
    session.print({ json: monitor, text: () => monitorText(monitor, session.style, session.io.nowMs()) })
  },
})
