/** The argument of commands on one survey. */
import { Name } from '@skerry/contract/values/names'
import { fits, required } from '../../program/command.ts'

export const SURVEY = required('<survey>', 'the name of a survey', fits(Name))
