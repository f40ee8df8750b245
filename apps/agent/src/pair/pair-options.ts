/** Pair options: the argument of the command line with which the operator allows this device to be part of a pair. */
import { PairDoor } from '@skerry/contract/pairs/pair'
import type { Address } from '../options.ts'

export const PAIR_FLAGS = { pair: { type: 'string' } } as const

export const PAIR_HELP = `  --pair H:P          let this device be a member or the witness of a pair; the others of the site reach it at H:P`

type Flags = { pair?: string | undefined }
type Parse = (text: string) => Address | undefined

/** The mistake in the argument; undefined if there is none. */
export function pairTrouble({ pair }: Flags, parse: Parse): string | undefined {
  const address = pair === undefined ? undefined : parse(pair)
  const isDoor = PairDoor.safeParse(pair).success
  const isEverywhere = address?.host === '0.0.0.0' || address?.host === '::'
  if (pair === undefined || (isDoor && address && address.port > 0 && !isEverywhere)) return undefined
  return `--pair must be the own address of this device at its site, such as 10.0.0.11:8700, not ${JSON.stringify(pair.slice(0, 100))}`
}

/** Undefined if this device takes part in no pair. The argument has no mistake. */
export const pairOf = ({ pair = '' }: Flags, parse: Parse): Address | undefined => parse(pair)
