/** The commands on routes, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { createRoute } from './create.ts'
import { editRoute } from './edit.ts'
import { runGatewayCommand } from './gateway.ts'
import { listRoutes } from './ls.ts'
import { removeRoute } from './rm.ts'
import { showRoute } from './show.ts'

export const routeCommands: readonly Command[] = [
  createRoute,
  editRoute,
  listRoutes,
  showRoute,
  removeRoute,
  runGatewayCommand,
]
