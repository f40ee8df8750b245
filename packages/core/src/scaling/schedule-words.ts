/** Schedule words: a learnt window, and why there is none, for people; and the deployment with the schedule. */
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type {
  DayClass,
  LearntWindow,
  NothingLearnt,
  ScheduleProposal,
} from '@skerry/contract/scaling/schedule-proposal'
import { type ScaleUnit, unitsText } from './scale-text.ts'

const DAYS: Readonly<Record<DayClass, string>> = {
  every: 'every day',
  working: 'Monday to Friday',
  weekend: 'weekends',
}

/** `Monday to Friday`, `06:00–14:00 Europe/Berlin`, `at least 4 workers` and `5 of 5 days`. */
export function learntWindowWords({ window, days, seenDays, quieterDays }: LearntWindow, unit: ScaleUnit) {
  const start = Number(window.cron.split(' ')[1])
  const end = start + window.durationSeconds / 3_600
  return {
    days: DAYS[days],
    hours: `${clock(start)}–${clock(end)} ${window.timeZone}`,
    least: `at least ${unitsText(window.min, unit)}`,
    seen: `${seenDays - quieterDays} of ${seenDays} days`,
  }
}

const clock = (hour: number) => `${String(hour).padStart(2, '0')}:00`

/** A sentence for people. */
export const nothingLearntWords: Readonly<Record<NothingLearnt, string>> = {
  no_steps: 'No device has told its number of the last week.',
  few_days: 'Too few days are known: three working days, or both days of a weekend, are needed.',
  no_rhythm: 'Outside the present schedule, no hour needed more than the minimum on most days.',
  schedule_full: 'The schedule has as many entries as it can have; remove one first.',
  over_budget: 'The hours found do not fit into the budget of a day.',
}

/** Whether the proposal would change the deployment. */
export const isScheduleLearnt = ({ workers, replicas }: ScheduleProposal): boolean =>
  [workers, replicas].some((part) => part !== undefined && part.windows.length > 0)

/** The specification with the proposed schedules. The proposal must be of the same revision. */
export function withLearntSchedule(spec: DeploymentSpec, { workers, replicas }: ScheduleProposal): DeploymentSpec {
  const { serving, placement } = spec
  return {
    ...spec,
    ...(workers && {
      serving: { ...serving, scaling: { ...workers.policy, schedule: workers.schedule } },
    }),
    ...(placement &&
      replicas && {
        placement: { ...placement, scaling: { ...replicas.policy, schedule: replicas.schedule } },
      }),
  }
}
