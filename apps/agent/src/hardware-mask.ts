/** Hardware mask: the argument of the command line that hides instruction sets of this machine. */
import type { InstructionSet } from '@skerry/contract/devices/device'

/** The same as the contract's InstructionSet, which is not imported here: the launcher must stay light. */
const INSTRUCTION_SETS: readonly InstructionSet[] = ['avx2', 'avx512', 'vnni', 'amx', 'neon', 'dotprod', 'i8mm', 'sve']

type Flags = { 'hardware-mask'?: string | undefined }

const maskWords = ({ 'hardware-mask': mask }: Flags) => (mask === undefined ? [] : mask.split(','))

/** The mistake in the argument; undefined if there is none. */
export function maskTrouble(values: Flags): string | undefined {
  const unknown = maskWords(values).find((word) => !INSTRUCTION_SETS.some((set) => set === word))
  if (unknown === undefined) return undefined
  return `--hardware-mask must be a list of ${INSTRUCTION_SETS.join(', ')}, not ${JSON.stringify(unknown.slice(0, 100))}`
}

export const maskOf = (values: Flags): InstructionSet[] =>
  INSTRUCTION_SETS.filter((set) => maskWords(values).includes(set))
