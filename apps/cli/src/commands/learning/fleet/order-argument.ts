/** The argument of commands on one order. */
import { Name } from '@skerry/contract/values/names'
import { fits, required } from '../../../program/command.ts'

export const ORDER = required('<name>', 'the name of an order', fits(Name))
