/** The commands on placements, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { explainPlacement } from './explain.ts'
import { askWhatIf } from './what-if.ts'

export const placeCommands: readonly Command[] = [explainPlacement, askWhatIf]
