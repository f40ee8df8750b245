import { TimeZone } from '@skerry/contract/deployments/update-window'
import type { ScheduleProposal, ScheduleProposalPart } from '@skerry/contract/scaling/schedule-proposal'
import { Name } from '@skerry/contract/values/names'
import { acceptSchedule } from '@skerry/core/scaling/accept-schedule'
import type { ScaleUnit } from '@skerry/core/scaling/scale-text'
import { isScheduleLearnt, learntWindowWords, nothingLearntWords } from '@skerry/core/scaling/schedule-words'
import { command, fits, flag, required, value } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'

export const learnScaling = command({
  name: 'scaling learn',
  summary: 'Propose a schedule from the last week, and take it with --accept',
  details:
    'The hours in which more workers or replicas were needed on most days become a schedule, so that they are ready ' +
    'before the load comes. Hours of the present schedule stay as they are. Nothing changes without --accept; with it, ' +
    'the deployment gets a new revision.',
  examples: [
    'skerry scaling learn anomaly',
    'skerry scaling learn anomaly --time-zone Europe/Berlin',
    'skerry scaling learn anomaly --accept',
  ],
  arguments: { deployment: required('<deployment>', 'name of the deployment', fits(Name)) },
  options: {
    timeZone: value('--time-zone <zone>', 'time zone of the hours (default: of this computer)', fits(TimeZone)),
    isAccepted: flag('--accept', 'change the deployment as proposed'),
    yes: YES,
  },
  async run({ deployment: name, timeZone = localZone(), isAccepted, yes }, session) {
    const { client } = await session.hub()
    const { signal, style } = session
    const proposal = await client.scaling.learn({ deployment: name, timeZone }, { signal })
    if (!isAccepted || !isScheduleLearnt(proposal)) {
      session.print({ json: proposal, text: () => proposalText(proposal, style) })
      return
    }
    session.note(proposalText(proposal, style))
    const { deployment } = await acceptSchedule(proposal, {
      get: () => client.deployment.get({ deployment: name }, { signal }),
      plan: (spec) => client.deployment.plan(spec, { signal }),
      agree: () => session.confirm(`Change the schedule of ${name}?`, yes),
      apply: (order) => client.deployment.apply(order, { signal }),
    })
    session.note(`${name} has the schedule, revision ${deployment.revision}`)
    session.print({ json: { proposal, deployment }, text: () => `rollout ${deployment.rolloutId}` })
  },
})

const localZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone

function proposalText({ deployment, workers, replicas }: ScheduleProposal, style: Style): string {
  return [
    factsOf(style, [['deployment', deployment]]),
    ...(replicas ? [partText(replicas, 'replica', style)] : []),
    ...(workers ? [partText(workers, 'worker', style)] : []),
  ].join('\n\n')
}

function partText({ windows, nothing }: ScheduleProposalPart, unit: ScaleUnit, style: Style): string {
  if (nothing !== undefined) return nothingLearntWords[nothing]
  const rows = windows.map((window) => {
    const { days, hours, least, seen } = learntWindowWords(window, unit)
    return [days, hours, least, seen]
  })
  return tableOf(style, ['DAYS', 'HOURS', 'NUMBER', 'SEEN'], rows, '')
}
