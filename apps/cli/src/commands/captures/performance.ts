import { Name } from '@skerry/contract/values/names'
import { command, fits, required, value } from '../../program/command.ts'
import { instantOf, parseDuration, parseMoment } from '../../program/values.ts'
import { performanceText } from './capture-view.ts'

export const showPerformance = command({
  name: 'model performance',
  summary: 'Show how good the answers of a model were, by version: from labels, and estimated without',
  details:
    'Accuracy, precision and recall of a classification, or the mean errors of a regression. --json also has each period. ' +
    'Labels come from "skerry capture label". A monitored version whose baseline had labels also has an estimate: the accuracy that ' +
    'the confidences of its answers let expect. It does not see that the same input has come to mean something else.',
  examples: ['skerry model performance anomaly', 'skerry model performance anomaly --from 90d --period 7d --json'],
  arguments: { model: required('<model>', 'the name of a model', fits(Name)) },
  options: {
    from: value('--from <time>', 'requests since then; 30d by default', parseMoment),
    to: value('--to <time>', 'requests before then', parseMoment),
    period: value('--period <duration>', 'the length of a period; 1d by default', parseDuration),
  },
  async run({ model: name, from, to, period }, session) {
    const { client } = await session.hub()
    const nowMs = session.io.nowMs()
    const fromMs = instantOf(from, nowMs)
    const toMs = instantOf(to, nowMs)
    const found = await client.capture.performance(
      {
        name,
        ...(fromMs !== undefined && { fromMs }),
        ...(toMs !== undefined && { toMs }),
        ...(period !== undefined && { periodSeconds: period }),
      },
      { signal: session.signal },
    )
    session.print({ json: found, text: () => performanceText(found, session.style) })
  },
})
