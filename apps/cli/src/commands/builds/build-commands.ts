/** The commands on builds, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { benchModel } from './bench.ts'
import { calibrateModel } from './calibrate.ts'
import { explainBuilds } from './explain.ts'
import { listBuilds } from './ls.ts'
import { listMeasurements } from './measurements.ts'
import { cancelOptimisation, listOptimisations, showOptimisation } from './optimisations.ts'
import { optimiseModel } from './optimise.ts'
import { removeBuild } from './rm.ts'
import { showBuild } from './show.ts'

export const buildCommands: readonly Command[] = [
  optimiseModel,
  calibrateModel,
  benchModel,
  listOptimisations,
  showOptimisation,
  cancelOptimisation,
  listBuilds,
  showBuild,
  listMeasurements,
  explainBuilds,
  removeBuild,
]
