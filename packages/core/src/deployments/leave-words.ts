/** Leave words: names in one phrase the devices that will lose a model. */

/** More names than a person reads in a sentence. */
const NAMES_SHOWN = 5

export type LeaveFacts = {
  count: number
  /** The names of the devices that lose it, or of the first of them. */
  names: readonly string[]
  deployable: string
  /** How many devices the deployment picks from now on. */
  picked: number
}

/** After `this would`, such as `take vad from 2 devices: lyon-1, lyon-2`. */
export function leaveWords({ count, names, deployable, picked }: LeaveFacts): string {
  const shown = names.slice(0, NAMES_SHOWN)
  const more = count - shown.length
  const which = `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  const devices = count === 1 ? '1 device' : `${count} devices`
  if (picked === 0)
    return `remove ${deployable} from all its ${devices}, because the selector picks no device: ${which}`
  return `remove ${deployable} from ${devices}: ${which}`
}
