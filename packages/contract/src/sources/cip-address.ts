/** CIP address: a tag of a controller by its name, as its program writes it. Needs no schemas, so that threads of sources do without them. */

/** A name, or places of an array: one for each of its dimensions. */
export type CipStep = { name: string } | { index: number }

/** With a bit, that one of an integer. */
export type CipAddress = { steps: CipStep[]; bit: number | undefined }

/** [1756-PM020, symbolic segments] As long a path as a request still has room for, in the shortest connection. */
export const CIP_ADDRESS_MAX = 200

/** `Program:MainProgram`, `Local:1:I`, `Recipe[3]`, `Matrix[1,2]`. */
const STEP = /^([A-Za-z_][A-Za-z0-9_:]*)(?:\[(\d{1,10}(?:,\d{1,10}){0,2})\])?$/
const BIT = /^\d{1,2}$/

/** [1756-PM020] An integer of the most bits has 64. */
const BIT_MAX = 63
const INDEX_MAX = 0xffff_ffff

/** Undefined where it is no address. */
export function cipAddressOf(address: string): CipAddress | undefined {
  const parts = address.split('.')
  const last = parts.at(-1) ?? ''
  const bit = BIT.test(last) && parts.length > 1 ? Number(last) : undefined
  const named = bit === undefined ? parts : parts.slice(0, -1)
  const steps = named.flatMap(stepsOf)
  const isWrong = steps.some((step) => step === undefined || ('index' in step && step.index > INDEX_MAX))
  if (isWrong || (bit ?? 0) > BIT_MAX) return undefined
  return { steps: steps.filter((step) => step !== undefined), bit }
}

function stepsOf(text: string): (CipStep | undefined)[] {
  const [, name, places] = STEP.exec(text) ?? []
  if (name === undefined) return [undefined]
  return [{ name }, ...(places?.split(',') ?? []).map((place) => ({ index: Number(place) }))]
}
