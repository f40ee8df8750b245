/** The command on the traffic of models. */
import type { Command } from '../../program/command.ts'
import { showTraffic } from './show.ts'

export const trafficCommands: readonly Command[] = [showTraffic]
