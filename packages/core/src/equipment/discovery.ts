/** Discovery: what is concluded from what a host answered as each of several numbers: unit ids of Modbus, slots of S7. */

/** `refused`: it spoke, and gave nothing; `nobody`: silence, or a gateway that says so. */
export type Said = 'answered' | 'refused' | 'nobody'
export type NumberAnswer = { number: number; said: Said }

/** Of fewer, that all answer says nothing. */
const TELLING_MIN = 3

/** `same`: each number answered, so it most likely does not look at it, and one is as good as another. */
type Conclusion =
  | { kind: 'nobody' }
  | { kind: 'same'; number: number }
  | { kind: 'some'; answers: readonly NumberAnswer[] }

/** `preferred` is what most equipment has, where it does not matter. */
export function conclude(answers: readonly NumberAnswer[], preferred: number): Conclusion {
  const there = answers.filter(({ said }) => said !== 'nobody')
  const [first] = there
  if (!first) return { kind: 'nobody' }
  if (there.length < answers.length || there.length < TELLING_MIN) return { kind: 'some', answers: there }
  return { kind: 'same', number: there.some(({ number }) => number === preferred) ? preferred : first.number }
}

/** [Modbus 7] A gateway's own words on a unit that is not there. */
const NO_WAY = 10
const NO_ANSWER = 11

/** What a unit that was asked for one register said by an exception: whoever has no such register is there all the same. */
export const saidByException = (exception: number | string): Said =>
  exception === NO_WAY || exception === NO_ANSWER || typeof exception === 'string' ? 'nobody' : 'refused'

/** `1-10`, or one number; undefined where it is none, or beyond what the protocol has. */
export function numbersIn(text: string, { min, max }: { min: number; max: number }): number[] | undefined {
  const [, from = '', to = from] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(text) ?? []
  const first = Number(from)
  const last = Number(to)
  if (from === '' || first < min || last > max || first > last) return undefined
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
