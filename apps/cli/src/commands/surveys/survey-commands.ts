/** The commands on surveys, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { createSurvey } from './create.ts'
import { listSurveys } from './ls.ts'
import { showSurvey } from './show.ts'
import { stopSurvey } from './stop.ts'

export const surveyCommands: readonly Command[] = [createSurvey, listSurveys, showSurvey, stopSurvey]
