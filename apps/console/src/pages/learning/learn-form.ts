/** Learn form: the fields of a learning, for one machine or for each of a fleet, and the orders that they make. */
import { LearningSpec } from '@skerry/contract/learning/learning'
import { LearningFleetSpec } from '@skerry/contract/learning/learning-fleet'
import { LeftOutTimes } from '@skerry/contract/learning/mark'

const UNITS = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 } as const
export type Unit = keyof typeof UNITS

/** As the browser's fields hold them: local times. */
export type TimeRow = { key: number; from: string; to: string; reason: string }

export type LearnForm = {
  /** `together`: one detector of all machines. */
  of: 'machine' | 'fleet' | 'together'
  selector: string
  /** In a fleet, the machine by whose tags the person chooses. */
  device: string
  source: string
  tags: readonly string[]
  name: string
  amount: string
  unit: Unit
  everyMs: string
  samples: string
  falseAlarmDays: string
  shadow: string
  recording: string
  leaveOut: readonly TimeRow[]
  isDeployed: boolean
}

export const FIRST_LEARNING: LearnForm = {
  of: 'machine',
  selector: '',
  device: '',
  source: '',
  tags: [],
  name: '',
  amount: '7',
  unit: 'days',
  everyMs: '10000',
  samples: '16',
  falseAlarmDays: '7',
  shadow: '',
  recording: '',
  leaveOut: [],
  isDeployed: false,
}

export type Wished =
  | { of: 'machine'; spec: LearningSpec; leaveOut: LeftOutTimes }
  | { of: 'fleet'; spec: LearningFleetSpec; leaveOut: LeftOutTimes }

type ReadForm = { ok: true; wish: Wished } | { ok: false; field: PropertyKey | undefined }

/** The order of the form, or the first field that does not fit. */
export function readLearnForm(form: LearnForm): ReadForm {
  const leaveOut = LeftOutTimes.safeParse(form.leaveOut.map(timeOf))
  if (!leaveOut.success) return { ok: false, field: 'leaveOut' }
  const recipe = recipeOf(form)
  if (form.of === 'machine') {
    const spec = LearningSpec.safeParse({ ...recipe, device: form.device })
    if (!spec.success) return { ok: false, field: spec.error.issues[0]?.path[0] }
    return { ok: true, wish: { of: 'machine', spec: spec.data, leaveOut: leaveOut.data } }
  }
  const isTogether = form.of === 'together'
  const spec = LearningFleetSpec.safeParse({
    ...recipe,
    selector: form.selector,
    ...(isTogether && { federated: true }),
  })
  if (!spec.success) return { ok: false, field: spec.error.issues[0]?.path[0] }
  return { ok: true, wish: { of: 'fleet', spec: spec.data, leaveOut: leaveOut.data } }
}

const timeOf = ({ from, to, reason }: TimeRow) => ({ fromMs: Date.parse(from), toMs: Date.parse(to), reason })

function recipeOf({ source, tags, name, amount, unit, recording, shadow, isDeployed, ...numbers }: LearnForm) {
  return {
    name,
    source,
    tags,
    seconds: Math.round(Number(amount) * UNITS[unit]),
    everyMs: Number(numbers.everyMs),
    samples: Number(numbers.samples),
    falseAlarmDays: Number(numbers.falseAlarmDays),
    ...(recording !== '' && { recording }),
    ...(shadow !== '' && { shadowSeconds: Math.round(Number(shadow) * UNITS.hours) }),
    result: isDeployed ? 'deploy' : 'version',
  }
}
