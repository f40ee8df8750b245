/** Schedule proposal: the times at which a scaled number was higher on most days, as a schedule that a person accepts. */
import * as z from 'zod'
import { Name } from '../values/names.ts'
import { SCHEDULE_MAX, ScalingRule, ScheduledMin } from './scaling.ts'

/** The days of a week that are compared with each other. */
export const DayClass = z.enum(['every', 'working', 'weekend'])
export type DayClass = z.infer<typeof DayClass>

/** A window that the history asks for. */
export const LearntWindow = z.strictObject({
  window: ScheduledMin,
  days: DayClass,
  /** Days of that kind with a known number in these hours. */
  seenDays: z.int().min(1),
  /** Days of them on which the number was lower. A schedule may be wrong on one: a holiday. */
  quieterDays: z.int().min(0),
})
export type LearntWindow = z.infer<typeof LearntWindow>

/**
 * Why there is no more to propose. `no_steps`: nothing is known of the week. `few_days`: no hour is known on enough days.
 * `no_rhythm`: no hour outside the schedule needed more than `min` on most days. `over_budget`: the hours found do not
 * fit into `budgetHours`. `schedule_full`: the schedule has as many windows as it can have.
 */
export const NothingLearnt = z.enum(['no_steps', 'few_days', 'no_rhythm', 'over_budget', 'schedule_full'])
export type NothingLearnt = z.infer<typeof NothingLearnt>

export const ScheduleProposalPart = z.strictObject({
  policy: ScalingRule,
  /** The largest gain first. */
  windows: z.array(LearntWindow).max(SCHEDULE_MAX),
  /** The whole schedule with them, as the policy takes it. */
  schedule: z.array(ScheduledMin).max(SCHEDULE_MAX),
  nothing: NothingLearnt.optional(),
})
export type ScheduleProposalPart = z.infer<typeof ScheduleProposalPart>

export const ScheduleProposal = z.strictObject({
  deployment: Name,
  /** Revision of the deployment whose policies these are. */
  revision: z.int().min(1),
  workers: ScheduleProposalPart.optional(),
  replicas: ScheduleProposalPart.optional(),
})
export type ScheduleProposal = z.infer<typeof ScheduleProposal>
