/** The commands on scaling policies, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { explainScaling } from './explain.ts'
import { learnScaling } from './learn.ts'

export const scalingCommands: readonly Command[] = [explainScaling, learnScaling]
