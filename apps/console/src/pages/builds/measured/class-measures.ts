/** Class measures: the newest measurement of each form on each class of hardware, with the hub's choice for the class. */
import type { ChoiceReason, ClassChoice, Measurement } from '@skerry/contract/builds/measurement'
import { sessionText } from '@skerry/core/builds/session-settings'
import { VERSION_KEY } from '../build-forms.ts'

export type MeasuredForm = {
  /** The id of the build, or `version`. */
  key: string
  /** Undefined if no device of the class has measured it. */
  measurement: Measurement | undefined
  isChosen: boolean
  /** Undefined for the version itself, and before the hub has chosen. */
  reason: ChoiceReason | undefined
}

export type ClassMeasures = {
  hardwareClass: string
  isMeasured: boolean
  forms: readonly MeasuredForm[]
  /** The settings of the session of the chosen build; undefined for those of the deployment. */
  settings?: string
}

type Facts = {
  /** Newest first, as the hub lists them. */
  measurements: readonly Measurement[]
  /** Undefined while it is loading. */
  choices: readonly ClassChoice[] | undefined
  builds: readonly { id: string }[]
}

/** One entry for each class with a measurement or a choice: measured ones first, then by name. */
export function classMeasures({ measurements, choices = [], builds }: Facts): ClassMeasures[] {
  const byClass = Map.groupBy(measurements, ({ hardwareClass }) => hardwareClass)
  const names = new Set([...byClass.keys(), ...choices.map(({ hardwareClass }) => hardwareClass)])
  const all = [...names].map((hardwareClass) => {
    const own = byClass.get(hardwareClass) ?? []
    const choice = choices.find((each) => each.hardwareClass === hardwareClass)
    const forms = [VERSION_KEY, ...builds.map(({ id }) => id)].map((key) => formOf(key, own, choice))
    const settings = choice?.session && sessionText(choice.session)
    return { hardwareClass, isMeasured: own.length > 0, forms, ...(settings && { settings }) }
  })
  return all.toSorted(
    (a, b) => Number(b.isMeasured) - Number(a.isMeasured) || a.hardwareClass.localeCompare(b.hardwareClass),
  )
}

function formOf(key: string, measurements: readonly Measurement[], choice: ClassChoice | undefined): MeasuredForm {
  return {
    key,
    measurement: measurements.find(({ build = VERSION_KEY }) => build === key),
    isChosen: choice !== undefined && (choice.build ?? VERSION_KEY) === key,
    reason: choice?.candidates.find(({ build }) => build === key)?.reason,
  }
}

/** The form with each of the other settings with which it was measured. */
export function sessionForms({ key, measurement }: MeasuredForm): { settings: string; form: MeasuredForm }[] {
  if (!measurement?.sessions) return []
  const { timing: _timing, problem: _problem, sessions, ...place } = measurement
  return sessions.map(({ timing, problem, ...one }) => {
    const settings = sessionText(one)
    const own = { ...place, threads: one.threads, ...(timing && { timing }), ...(problem && { problem }) }
    return { settings, form: { key: `${key}, ${settings}`, measurement: own, isChosen: false, reason: undefined } }
  })
}
