/** The argument of commands on one learning. */
import { Name } from '@skerry/contract/values/names'
import { fits, required } from '../../program/command.ts'

export const LEARNING = required('<name>', 'the name of a learning', fits(Name))
